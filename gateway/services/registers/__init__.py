"""Registers that the law asks for, drawn from agreements and evidence."""
