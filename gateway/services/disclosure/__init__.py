"""Make a list: decide, seal, keep the evidence; release, attest and recall one; record what was handed over."""
