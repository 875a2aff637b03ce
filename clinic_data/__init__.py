"""What the clinic keeps: one SQLite file, its rows, and every change to them."""
