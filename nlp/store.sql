-- The tables of a store, filled from the rows of nlp/columns.py in `source` (one row a report, duplicates left out,
-- `position` its place among all).
-- Every table carries the record's id; agency and year stand beside it where questions are asked of them.

CREATE TABLE records AS
SELECT id, agency, level, province, city, county, adcode, year, published, title, script, status,
       forms['disclosure'] AS disclosure_form, forms['applications'] AS applications_form,
       forms['review_litigation'] AS review_litigation_form,
       path, member, url, media_type, encoding, bytes, copies, text, version, model, model_sha256, settings_sha256, record
FROM source ORDER BY position;
COMMENT ON TABLE records IS '报告：每份报告一行（内容完全相同的文件只存一份）';

CREATE TABLE sections AS
SELECT id, n - 1 AS n, s.kind, s.title, s.span_start, s.span_end
FROM (SELECT id, position, unnest(sections) AS s, generate_subscripts(sections, 1) AS n FROM source) ORDER BY position, n;
COMMENT ON TABLE sections IS '章节';

CREATE TABLE cells AS
SELECT c.id, c.agency, c.year, c.cell."table" AS "table", c.cell.form AS form, c.cell.block AS block,
       c.cell."row" AS row_key, coalesce(f.row_label, c.cell."row") AS row_label,
       c.cell."column" AS column_key, coalesce(f.column_label, c.cell."column") AS column_label,
       c.cell.raw, c.cell.value, c.cell.unit, c.cell.value_yuan, c.cell.state, c.cell.recovered_by,
       c.cell.span_start, c.cell.span_end, c.cell.path AS path
FROM (SELECT id, agency, year, position, unnest(cells) AS cell, generate_subscripts(cells, 1) AS n FROM source) AS c
LEFT JOIN form_cells AS f
  ON f.form = c.cell.form AND f."table" = c.cell."table" AND f.block IS NOT DISTINCT FROM c.cell.block
 AND f.row_key = c.cell."row" AND f.column_key = c.cell."column"
ORDER BY c.position, c.n;
COMMENT ON TABLE cells IS '官方表格的单元格：每格一行，空白格 value 为空而不是 0';

CREATE TABLE indicators AS
SELECT id, agency, year, n - 1 AS n, i.label, i.parent, i.printed_unit, i."column" AS column_label, i.raw, i.value, i.unit,
       i.value_yuan, i.state, i.recovered_by, i.span_start, i.span_end
FROM (SELECT id, agency, year, position, unnest(indicators) AS i, generate_subscripts(indicators, 1) AS n FROM source) ORDER BY position, n;
COMMENT ON TABLE indicators IS '2019 年以前统计表的指标';

CREATE TABLE mentions AS
SELECT id, n - 1 AS n, m.label, m.text, m.score, m.span_start, m.span_end
FROM (SELECT id, position, unnest(mentions) AS m, generate_subscripts(mentions, 1) AS n FROM source) ORDER BY position, n;
COMMENT ON TABLE mentions IS '标注片段：正文中识别出的片段';

CREATE TABLE groups AS
SELECT id, agency, year, n - 1 AS n, g.name, g.established, g.office, g.mentions, g.score
FROM (SELECT id, agency, year, position, unnest(groups) AS g, generate_subscripts(groups, 1) AS n FROM source) ORDER BY position, n;
COMMENT ON TABLE groups IS '领导小组等机构';

CREATE TABLE group_people AS
SELECT id, agency, year, n AS group_n, role, person.name AS name, person.title AS title
FROM (
  SELECT id, agency, year, position, n, role, rank, unnest(people) AS person, generate_subscripts(people, 1) AS place
  FROM (
    SELECT id, agency, year, position, n - 1 AS n, unnest(['组长', '副组长', '成员']) AS role, unnest([1, 2, 3]) AS rank,
           unnest([g.leaders, g.deputies, g.members]) AS people
    FROM (SELECT id, agency, year, position, unnest(groups) AS g, generate_subscripts(groups, 1) AS n FROM source)
  )
)
ORDER BY position, n, rank, place;
COMMENT ON TABLE group_people IS '领导小组的人员';

CREATE TABLE counts AS
SELECT id, agency, year, n - 1 AS n, c.item, c.channel, c.value, c.unit, c.approximate, c.kind, c.period, c.mentions, c.score
FROM (SELECT id, agency, year, position, unnest(counts) AS c, generate_subscripts(counts, 1) AS n FROM source) ORDER BY position, n;
COMMENT ON TABLE counts IS '正文中的数量';

CREATE TABLE problems AS
SELECT id, agency, year, n - 1 AS n, p.text, p.categories, p.score, p.span_start, p.span_end
FROM (SELECT id, agency, year, position, unnest(problems) AS p, generate_subscripts(problems, 1) AS n FROM source) ORDER BY position, n;
COMMENT ON TABLE problems IS '报告自述的问题';

CREATE TABLE remedies AS
SELECT id, agency, year, n - 1 AS n, r.text, r.categories, r.status, r.score, r.span_start, r.span_end
FROM (SELECT id, agency, year, position, unnest(remedies) AS r, generate_subscripts(remedies, 1) AS n FROM source) ORDER BY position, n;
COMMENT ON TABLE remedies IS '改进措施';

CREATE TABLE links AS
SELECT id, n - 1 AS problem_n, remedy_n
FROM (
  SELECT id, position, n, unnest(p.remedies) AS remedy_n
  FROM (SELECT id, position, unnest(problems) AS p, generate_subscripts(problems, 1) AS n FROM source)
)
ORDER BY position, n, remedy_n;
COMMENT ON TABLE links IS '问题与措施的对应';

CREATE TABLE checks AS
SELECT id, agency, year, n - 1 AS n, c.rule, c.scope, c.status, c.expected, c.found, c.message, c.cells
FROM (SELECT id, agency, year, position, unnest(checks) AS c, generate_subscripts(checks, 1) AS n FROM source) ORDER BY position, n;
COMMENT ON TABLE checks IS '勾稽关系核对';

CREATE TABLE issues AS
SELECT id, agency, year, n - 1 AS n, i.stage, i.code, i.severity, i.message, i.span_start, i.span_end
FROM (SELECT id, agency, year, position, unnest(issues) AS i, generate_subscripts(issues, 1) AS n FROM source) ORDER BY position, n;
COMMENT ON TABLE issues IS '处理中发现的情况';

-- One view per official table; the wide views of article 20 and the totals are written by nlp/store.py from the forms.

CREATE VIEW applications AS
SELECT c.id, c.agency, c.year, c.form, c.row_key, any_value(c.row_label) AS row_label,
       max(c.value) FILTER (WHERE column_key = 'natural_person') AS natural_person,
       max(c.value) FILTER (WHERE column_key = 'commercial') AS commercial,
       max(c.value) FILTER (WHERE column_key = 'research') AS research,
       max(c.value) FILTER (WHERE column_key = 'social') AS social,
       max(c.value) FILTER (WHERE column_key = 'legal_service') AS legal_service,
       max(c.value) FILTER (WHERE column_key = 'other_org') AS other_org,
       max(c.value) FILTER (WHERE column_key = 'total') AS total
FROM cells AS c
LEFT JOIN (SELECT form, row_key, min(position) AS position FROM form_cells WHERE "table" = 'applications' GROUP BY ALL) AS f
  USING (form, row_key)
WHERE c."table" = 'applications'
GROUP BY c.id, c.agency, c.year, c.form, c.row_key, f.position
ORDER BY c.agency, c.year, c.id, f.position;
COMMENT ON VIEW applications IS '收到和处理政府信息公开申请情况：每份报告每行一行，列为申请人';

CREATE VIEW review_litigation AS
SELECT c.id, c.agency, c.year, c.form, c.row_key AS block, any_value(c.row_label) AS block_label,
       max(c.value) FILTER (WHERE column_key = 'upheld') AS upheld,
       max(c.value) FILTER (WHERE column_key = 'corrected') AS corrected,
       max(c.value) FILTER (WHERE column_key = 'other') AS other,
       max(c.value) FILTER (WHERE column_key = 'pending') AS pending,
       max(c.value) FILTER (WHERE column_key = 'total') AS total
FROM cells AS c
WHERE c."table" = 'review_litigation'
GROUP BY c.id, c.agency, c.year, c.form, c.row_key
ORDER BY c.agency, c.year, c.id, c.row_key DESC;
COMMENT ON VIEW review_litigation IS '政府信息公开行政复议、行政诉讼情况：每份报告三行';

CREATE VIEW year_pairs AS
SELECT before.agency, before.year AS year_before, after.year, before.id AS id_before, after.id
FROM records AS before JOIN records AS after ON after.agency = before.agency AND after.year = before.year + 1;
COMMENT ON VIEW year_pairs IS '同一机关相邻两年的报告';

CREATE VIEW checks_across_years AS
SELECT 'R5' AS rule, p.agency, p.year, p.id_before, p.id, b.column_key AS place, b.value AS expected, a.value AS found,
       CASE WHEN b.value IS NULL OR a.value IS NULL THEN 'unknown' WHEN b.value = a.value THEN 'pass' ELSE 'fail' END AS status,
       [b.path] AS cells_before, [a.path] AS cells
FROM year_pairs AS p
JOIN cells AS b ON b.id = p.id_before AND b."table" = 'applications' AND b.row_key = 'carried_out'
JOIN cells AS a ON a.id = p.id AND a."table" = 'applications' AND a.row_key = 'carried_in' AND a.column_key = b.column_key
UNION ALL
SELECT 'R6', p.agency, p.year, p.id_before, p.id, b.row_key, b.value + i.value - r.value, a.value,
       CASE WHEN b.value + i.value - r.value IS NULL OR a.value IS NULL THEN 'unknown'
            WHEN b.value + i.value - r.value = a.value THEN 'pass' ELSE 'fail' END,
       [b.path], [i.path, r.path, a.path]
FROM year_pairs AS p
JOIN cells AS b ON b.id = p.id_before AND b."table" = 'disclosure' AND b.column_key = 'in_force'
JOIN cells AS a ON a.id = p.id AND a."table" = 'disclosure' AND a.row_key = b.row_key AND a.column_key = 'in_force'
JOIN cells AS i ON i.id = p.id AND i."table" = 'disclosure' AND i.row_key = b.row_key AND i.column_key = 'issued'
JOIN cells AS r ON r.id = p.id AND r."table" = 'disclosure' AND r.row_key = b.row_key AND r.column_key = 'repealed'
UNION ALL
SELECT 'R7', p.agency, p.year, p.id_before, p.id, b.row_key, b.value + d.value, a.value,
       CASE WHEN b.value + d.value IS NULL OR a.value IS NULL THEN 'unknown'
            WHEN b.value + d.value = a.value THEN 'pass' ELSE 'fail' END,
       [b.path, d.path], [a.path]
FROM year_pairs AS p
JOIN cells AS b ON b.id = p.id_before AND b."table" = 'disclosure' AND b.column_key = 'prev_items'
JOIN cells AS d ON d.id = p.id_before AND d."table" = 'disclosure' AND d.row_key = b.row_key AND d.column_key = 'change'
JOIN cells AS a ON a.id = p.id AND a."table" = 'disclosure' AND a.row_key = b.row_key AND a.column_key = 'prev_items';
COMMENT ON VIEW checks_across_years IS '跨年勾稽：R5 结转相接，R6 现行有效件数相接，R7 项目数量相接';

-- An area's report counts for all its units, so their sum cannot exceed it; whether all units are there the store cannot
-- know, so a smaller sum proves nothing. Of an agency's reports for one year the completest speaks.
CREATE VIEW checks_across_areas AS
WITH spoken AS (
  SELECT id, agency, level, province, city, county, year FROM records WHERE status <> 'failed' AND agency IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY agency, year ORDER BY status = 'complete' DESC, length(text) DESC, id) = 1
), units AS (
  SELECT area.id, area.agency, area.year, unit.id AS unit
  FROM spoken AS area JOIN spoken AS unit ON unit.year = area.year AND unit.id <> area.id AND unit.province = area.province
  WHERE CASE area.level
    WHEN 'county' THEN unit.level IN ('township', 'department') AND unit.county = area.county
                       AND unit.city IS NOT DISTINCT FROM area.city
    WHEN 'city' THEN unit.city = area.city AND (unit.level = 'county' OR unit.level = 'department' AND unit.county IS NULL)
    WHEN 'province' THEN unit.level = 'city' OR unit.level = 'department' AND unit.city IS NULL AND unit.county IS NULL
                         OR unit.level = 'county' AND unit.city IS NULL
  END
), totals AS (
  SELECT id, path, value FROM cells WHERE "table" IN ('applications', 'review_litigation') AND column_key = 'total'
)
SELECT 'R12' AS rule, u.agency, u.year, u.id, a.path AS place, sum(t.value) AS expected, any_value(a.value) AS found,
       CASE WHEN any_value(a.value) IS NULL OR sum(t.value) IS NULL THEN 'unknown'
            WHEN sum(t.value) > any_value(a.value) THEN 'fail'
            WHEN sum(t.value) = any_value(a.value) AND count(t.value) = count(*) THEN 'pass' ELSE 'unknown' END AS status,
       list(u.unit ORDER BY u.unit) AS units
FROM units AS u JOIN totals AS a ON a.id = u.id JOIN totals AS t ON t.id = u.unit AND t.path = a.path
GROUP BY u.agency, u.year, u.id, a.path;
COMMENT ON VIEW checks_across_areas IS '地区与所属单位：R12 各单位之和不应超过全地区；少于全地区时无从核对（未必收齐）';
