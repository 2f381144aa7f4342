"""Files that are written whole, and what is known of them: stores, manifests, records, hashes."""
