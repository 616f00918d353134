"""Who receives lists: their records, pins and certificates, and what people do to them."""
