"""Sources: a county's own extracts in, canonical records out.

    mapping = load_mapping(data, "liquidlogic_ehm.yaml")              # mapping.py   MappingInvalid
    extracts = find_extracts(mapping, sources_folder, today)          # extracts.py  missing, stale, malformed
    for feed, extract in extracts.items():
        reading = read_feed(mapping, extract, environment="synthetic", as_at=today)      # read.py
        for item in reading:                                          # Record | Reject | UnmappedCode
            ...
        reading.counts

Mappings are data: a county with other headings writes another mapping and no code. The gate on shrinkage, what
refers to nobody, and which people a reject makes incomplete are left to the load.
"""
