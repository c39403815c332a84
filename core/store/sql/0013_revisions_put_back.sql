-- Going back to an older text of a script is a revision of its own: who did it, and when.
ALTER TABLE revisions ADD COLUMN back_to INTEGER;  -- seq of the revision whose text was put back; NULL: a text of its own
