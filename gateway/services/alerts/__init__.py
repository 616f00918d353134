"""Tell people what needs them: by a program, by mail or by the log of the system."""
