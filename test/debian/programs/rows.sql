-- 100,000 rows in one transaction, an index, a join, a rollback, and what is then on the disk.
PRAGMA journal_mode = delete;
CREATE TABLE item (id INTEGER PRIMARY KEY, shop INTEGER, price INTEGER, name TEXT);
CREATE TABLE shop (id INTEGER PRIMARY KEY, city TEXT);
INSERT INTO shop VALUES (0, 'Bern'), (1, 'Oslo'), (2, 'Rome');
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
INSERT INTO item SELECT i, i % 3, (i * 7919) % 1000, printf('item %06d', i) FROM n;
COMMIT;
CREATE INDEX by_price ON item (price, shop);
SELECT count(*), sum(price), min(name), max(name) FROM item;
SELECT city, count(*), sum(price) FROM item JOIN shop ON shop.id = shop WHERE price BETWEEN 100 AND 199 GROUP BY city ORDER BY city;
BEGIN; DELETE FROM item WHERE id > 10; SELECT count(*) FROM item; ROLLBACK;
SELECT count(*) FROM item; UPDATE item SET price = price + 1 WHERE shop = 1; SELECT sum(price) FROM item;
PRAGMA integrity_check;
