"""Walk the night: load, disclose, deliver, collect, tell; and go on where one was interrupted."""
