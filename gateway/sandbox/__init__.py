"""The partner's side and an invented county, for the demonstration and the tests."""
