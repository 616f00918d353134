"""Answer the work-coach lists of Jobcentres: from those who were disclosed alone, and the rest for the data team."""
