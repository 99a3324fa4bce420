"""Files for a broker of one's own: who may log in and what each may write and read, made from the robots admitted."""
