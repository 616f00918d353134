"""What is signed or handed to an auditor: figures, samples, statements and the pack."""
