"""Protocol servers and file tails: bytes in, acknowledged once durable."""
