"""Edge: what others copy and run without the gateway. Nothing here is imported."""
