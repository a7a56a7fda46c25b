WITH
ns AS MATERIALIZED (
  SELECT oid, nspname, nspowner, nspacl FROM pg_namespace
  WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
),
ext AS MATERIALIZED (
  SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
),
rel AS MATERIALIZED (
  SELECT c.*, ns.nspname || '.' || c.relname AS name
  FROM pg_class c JOIN ns ON ns.oid = c.relnamespace
  WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_class'::regclass AND ext.objid = c.oid)
)
SELECT 'schema'::text AS kind, nspname::text AS name,
  concat_ws(E'\x01', 'owner ' || pg_get_userbyid(nspowner),
    'privileges ' || (SELECT string_agg(x::text, ', ' ORDER BY x::text) FROM unnest(coalesce(nspacl, acldefault('n', nspowner))) x)) AS definition
FROM ns
UNION ALL
SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'c' THEN 'type' WHEN 'f' THEN 'foreign table' ELSE 'table' END,
  name,
  concat_ws(E'\x01', 'kind ' || relkind::text, 'persistence ' || relpersistence::text,
    CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) END,
    CASE WHEN relrowsecurity THEN 'row level security' END, CASE WHEN relforcerowsecurity THEN 'forced row level security' END,
    'options ' || array_to_string(reloptions, ', '),
    CASE WHEN relkind IN ('r', 'p') THEN 'replica identity ' || relreplident::text END,
    CASE WHEN relkind = 'p' THEN 'partitioned by ' || pg_get_partkeydef(oid) END,
    CASE WHEN relispartition THEN 'partition ' || pg_get_expr(relpartbound, oid) END,
    CASE WHEN relkind = 'm' AND NOT relispopulated THEN 'not populated' END,
    'inherits ' || (SELECT string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno) FROM pg_inherits WHERE inhrelid = rel.oid),
    'access ' || (SELECT amname FROM pg_am WHERE pg_am.oid = relam AND relkind IN ('r', 'm')),
    'tablespace ' || (SELECT spcname FROM pg_tablespace s WHERE s.oid = reltablespace),
    'owner ' || pg_get_userbyid(relowner),
    CASE WHEN relkind <> 'c' THEN 'privileges ' || (SELECT string_agg(x::text, ', ' ORDER BY x::text) FROM unnest(coalesce(relacl, acldefault('r', relowner))) x) END)
FROM rel WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
UNION ALL
SELECT 'column', rel.name || '.' || a.attname,
  concat_ws(E'\x01', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
    CASE WHEN a.attgenerated = '' THEN 'default ' ELSE 'generated ' END || pg_get_expr(d.adbin, d.adrelid),
    CASE a.attidentity WHEN 'a' THEN 'identity always' WHEN 'd' THEN 'identity by default' END,
    CASE WHEN a.attcollation <> t.typcollation THEN 'collation ' || a.attcollation::regcollation::text END,
    CASE WHEN a.attstorage <> t.typstorage THEN 'storage ' || a.attstorage::text END,
    CASE WHEN a.attcompression <> '' THEN 'compression ' || a.attcompression::text END,
    CASE WHEN coalesce(a.attstattarget, -1) <> -1 THEN 'statistics ' || a.attstattarget END,
    'options ' || array_to_string(a.attoptions, ', '),
    'privileges ' || (SELECT string_agg(x::text, ', ' ORDER BY x::text) FROM unnest(a.attacl) x))
FROM rel JOIN pg_attribute a ON a.attrelid = rel.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE rel.relkind IN ('r', 'p', 'f', 'c')
UNION ALL
SELECT 'order', rel.name, string_agg(a.attname, E'\x01' ORDER BY a.attnum)
FROM rel JOIN pg_attribute a ON a.attrelid = rel.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE rel.relkind IN ('r', 'p', 'f', 'c') GROUP BY rel.name
UNION ALL
SELECT 'constraint', rel.name || '.' || k.conname,
  concat_ws(E'\x01', pg_get_constraintdef(k.oid), CASE WHEN k.connoinherit AND k.contype = 'c' THEN 'no inherit' END)
FROM pg_constraint k JOIN rel ON rel.oid = k.conrelid WHERE k.contype <> 't'
UNION ALL
SELECT 'constraint', ns.nspname || '.' || t.typname || '.' || k.conname, pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_type t ON t.oid = k.contypid JOIN ns ON ns.oid = t.typnamespace
UNION ALL
SELECT 'index', rel.name || '.' || c.relname,
  concat_ws(E'\x01', pg_get_indexdef(i.indexrelid), CASE WHEN NOT i.indisvalid THEN 'not valid' END,
    CASE WHEN i.indisreplident THEN 'replica identity' END, CASE WHEN i.indisclustered THEN 'clustered' END)
FROM pg_index i JOIN rel ON rel.oid = i.indrelid JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
   OR i.indisreplident OR i.indisclustered OR NOT i.indisvalid
UNION ALL
SELECT 'sequence', rel.name,
  concat_ws(E'\x01', s.seqtypid::regtype::text, 'start ' || s.seqstart, 'increment ' || s.seqincrement, 'from ' || s.seqmin, 'to ' || s.seqmax,
    'cache ' || s.seqcache, CASE WHEN s.seqcycle THEN 'cycle' END,
    'owned by ' || (SELECT d.refobjid::regclass::text || '.' || a.attname FROM pg_depend d
      JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
      WHERE d.classid = 'pg_class'::regclass AND d.objid = rel.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') LIMIT 1),
    'owner ' || pg_get_userbyid(rel.relowner),
    'privileges ' || (SELECT string_agg(x::text, ', ' ORDER BY x::text) FROM unnest(coalesce(rel.relacl, acldefault('s', rel.relowner))) x))
FROM pg_sequence s JOIN rel ON rel.oid = s.seqrelid
UNION ALL
SELECT 'function', ns.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
  concat_ws(E'\x01', CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid)
      ELSE 'aggregate ' || g.aggtransfn::text || ' ' || g.aggtranstype::regtype::text || ' ' || g.aggfinalfn::text || ' ' || coalesce(g.agginitval, '') END,
    'owner ' || pg_get_userbyid(p.proowner),
    'privileges ' || (SELECT string_agg(x::text, ', ' ORDER BY x::text) FROM unnest(coalesce(p.proacl, acldefault('f', p.proowner))) x))
FROM pg_proc p JOIN ns ON ns.oid = p.pronamespace LEFT JOIN pg_aggregate g ON g.aggfnoid = p.oid
WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_proc'::regclass AND ext.objid = p.oid)
UNION ALL
SELECT 'trigger', rel.name || '.' || g.tgname, concat_ws(E'\x01', pg_get_triggerdef(g.oid), 'enabled ' || g.tgenabled::text)
FROM pg_trigger g JOIN rel ON rel.oid = g.tgrelid WHERE NOT g.tgisinternal
UNION ALL
SELECT 'type', ns.nspname || '.' || t.typname,
  concat_ws(E'\x01',
    CASE t.typtype
      WHEN 'e' THEN 'enum ' || coalesce((SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid), '')
      WHEN 'd' THEN 'domain ' || format_type(t.typbasetype, t.typtypmod)
      WHEN 'r' THEN 'range ' || (SELECT r.rngsubtype::regtype::text FROM pg_range r WHERE r.rngtypid = t.oid)
      ELSE 'type ' || t.typtype::text END,
    CASE WHEN t.typnotnull THEN 'not null' END, 'default ' || t.typdefault, 'owner ' || pg_get_userbyid(t.typowner),
    'privileges ' || (SELECT string_agg(x::text, ', ' ORDER BY x::text) FROM unnest(coalesce(t.typacl, acldefault('T', t.typowner))) x))
FROM pg_type t JOIN ns ON ns.oid = t.typnamespace
WHERE t.typtype IN ('e', 'd', 'r', 'b') AND t.typcategory <> 'A'
  AND NOT EXISTS (SELECT FROM ext WHERE ext.classid = 'pg_type'::regclass AND ext.objid = t.oid)
UNION ALL
SELECT 'policy', rel.name || '.' || p.polname,
  concat_ws(E'\x01', 'for ' || p.polcmd::text, CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END,
    'to ' || (SELECT string_agg(CASE r WHEN 0 THEN 'public' ELSE pg_get_userbyid(r) END, ', ' ORDER BY r) FROM unnest(p.polroles) r),
    'using ' || pg_get_expr(p.polqual, p.polrelid), 'check ' || pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy p JOIN rel ON rel.oid = p.polrelid
UNION ALL
SELECT 'rule', rel.name || '.' || r.rulename, concat_ws(E'\x01', pg_get_ruledef(r.oid), 'enabled ' || r.ev_enabled::text)
FROM pg_rewrite r JOIN rel ON rel.oid = r.ev_class WHERE r.rulename <> '_RETURN'
UNION ALL
SELECT 'statistics', ns.nspname || '.' || s.stxname, pg_get_statisticsobjdef(s.oid)
FROM pg_statistic_ext s JOIN ns ON ns.oid = s.stxnamespace
UNION ALL
SELECT 'extension', e.extname, concat_ws(E'\x01', 'version ' || e.extversion, 'schema ' || n.nspname)
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
UNION ALL
SELECT 'event trigger', evtname, concat_ws(E'\x01', evtevent, evtfoid::regprocedure::text, evtenabled::text, array_to_string(evttags, ', '))
FROM pg_event_trigger
UNION ALL
SELECT 'publication', p.pubname,
  concat_ws(E'\x01', p.puballtables::text, p.pubinsert::text, p.pubupdate::text, p.pubdelete::text, p.pubtruncate::text,
    (SELECT string_agg(r.prrelid::regclass::text, ', ' ORDER BY r.prrelid::regclass::text) FROM pg_publication_rel r WHERE r.prpubid = p.oid))
FROM pg_publication p
UNION ALL
SELECT 'default privileges', concat_ws(' ', pg_get_userbyid(defaclrole), (SELECT nspname FROM pg_namespace n WHERE n.oid = defaclnamespace), defaclobjtype),
  (SELECT string_agg(x::text, ', ' ORDER BY x::text) FROM unnest(defaclacl) x)
FROM pg_default_acl
UNION ALL
SELECT 'comment', o.type || ' ' || o.identity, d.description
FROM pg_description d, LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) o
WHERE (d.objoid >= 16384 OR d.classoid = 'pg_namespace'::regclass)
  AND NOT EXISTS (SELECT FROM ext WHERE ext.classid = d.classoid AND ext.objid = d.objoid)
UNION ALL
SELECT 'other', o.type || ' ' || o.identity, x.definition
FROM (
  SELECT 'pg_cast'::regclass::oid AS class, oid, concat_ws(' ', castcontext, castmethod, castfunc::regprocedure::text) AS definition FROM pg_cast WHERE oid >= 16384
  UNION ALL SELECT 'pg_operator'::regclass, oid, oprcode::text FROM pg_operator WHERE oid >= 16384
  UNION ALL SELECT 'pg_opclass'::regclass, oid, opcintype::regtype::text FROM pg_opclass WHERE oid >= 16384
  UNION ALL SELECT 'pg_opfamily'::regclass, oid, '' FROM pg_opfamily WHERE oid >= 16384
  UNION ALL SELECT 'pg_collation'::regclass, oid, concat_ws(' ', collprovider, collisdeterministic, collcollate, collctype) FROM pg_collation WHERE oid >= 16384
  UNION ALL SELECT 'pg_ts_config'::regclass, oid, '' FROM pg_ts_config WHERE oid >= 16384
  UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictinitoption FROM pg_ts_dict WHERE oid >= 16384
  UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, array_to_string(fdwoptions, ', ') FROM pg_foreign_data_wrapper WHERE oid >= 16384
  UNION ALL SELECT 'pg_foreign_server'::regclass, oid, array_to_string(srvoptions, ', ') FROM pg_foreign_server WHERE oid >= 16384
  UNION ALL SELECT 'pg_language'::regclass, oid, '' FROM pg_language WHERE oid >= 16384
) x, LATERAL pg_identify_object(x.class, x.oid, 0) o
WHERE NOT EXISTS (SELECT FROM ext WHERE ext.classid = x.class AND ext.objid = x.oid)
