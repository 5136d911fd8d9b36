-- The schema of all that the extension brings along. It is made here, and not by CREATE EXTENSION, so that it belongs to the extension
-- and to a superuser whoever installs: nobody else can put objects into it, rename it, or have had it before, so that what is called by
-- a name that begins with leadscore. is what it seems.

CREATE SCHEMA leadscore;
COMMENT ON SCHEMA leadscore IS 'Lead scoring: the configuration of models, and the functions that make, read and keep them.';
