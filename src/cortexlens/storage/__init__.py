"""Files that are written atomically, and their metadata: stores, manifests, records, hashes."""
