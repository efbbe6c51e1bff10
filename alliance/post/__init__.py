"""The post: mails that wait, were sent or were given up. It knows no wing; whom a mail is for is an account's code."""
