"""Who may do what with the clinic's data, who is signed in, and the trail of what was done."""
