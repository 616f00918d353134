"""What a breach reached, counted for the notification."""
