-- A refresh changes rows of rollups in place, again and again. With room on the page the new row stays beside the old one and no index
-- hears of it; on full pages each went to the end of the table, and into the index.
SET LOCAL search_path TO app;

ALTER TABLE day_rollup SET (fillfactor = 60);
ALTER TABLE month_rollup SET (fillfactor = 60);
ALTER TABLE level_rollup SET (fillfactor = 60);
ALTER TABLE cohort_rollup SET (fillfactor = 60);
ALTER TABLE cohort_size SET (fillfactor = 60);
