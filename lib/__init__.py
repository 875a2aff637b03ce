"""What the clinic knows: pure functions over data frames. No clock, no storage, no screen."""
