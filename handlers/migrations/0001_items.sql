CREATE TABLE items (name TEXT PRIMARY KEY, price INTEGER NOT NULL);
INSERT INTO items VALUES ('book', 20), ('pen', 2);
