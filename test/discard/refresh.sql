-- Changes of tier that time has brought about
SELECT leadscore.refresh('m');
SELECT lead, from_tier, to_tier, cause FROM m.tier_changes ORDER BY lead, at, recorded_at, to_tier;
