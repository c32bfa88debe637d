"""What several processes that share a store agree on in its database: who lives, who leads, who may decide about files."""
