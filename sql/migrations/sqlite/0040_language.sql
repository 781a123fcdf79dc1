-- The language that a person chose for their pages, by its tag; '' leaves it to the browser.
ALTER TABLE greenroom_users ADD COLUMN language TEXT NOT NULL DEFAULT '';
