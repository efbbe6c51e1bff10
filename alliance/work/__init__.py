"""Work outside the request: the lease under which one worker runs, the form receipts, the health of the portal."""
