"""The evidence beneath every stage: entries, trees, checkpoints, and the argument that they are whole. Pure."""
