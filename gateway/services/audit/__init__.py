"""What an officer asks the evidence: who was told what, why, and whether it is whole."""
