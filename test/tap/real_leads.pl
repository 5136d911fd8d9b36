# A fit model on real leads: the leads of an online school, as its CRM exported them, with what became of them.
#
# The rules were written from what the columns mean, before looking at how many of which leads converted; columns that are filled
# in after
# the outcome is known (Tags, Lead Quality, Lead Profile, Asymmetrique ...) are left out.
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use Crm qw(start_server warnings_of is_exact);
use RealData qw(real_data text_table);

my $file = real_data('leads_xeducation', 'Leads.csv');
my $node = start_server('real_leads', 'shared_buffers = 256MB');
my $db = 'postgres';

sub value { return $node->safe_psql($db, $_[0]) }

# As it is: the names of the header, blanks and all; numbers are numbers, the rest is text.
my %types = ('Prospect ID' => 'uuid PRIMARY KEY', 'Lead Number' => 'integer', Converted => 'integer', TotalVisits => 'numeric',
    'Total Time Spent on Website' => 'integer', 'Page Views Per Visit' => 'numeric');
my @columns = text_table($node, $db, 'leads', $file, \%types);
is(scalar(@columns), 37, 'the columns');
is(value('SELECT count(*) FROM leads'), '9240', 'the leads');

value(<<'SQL');
CREATE EXTENSION leadscore;
SELECT leadscore.create_model('school', 'leads', eligible => '$."Do Not Email" == "No" && $."Do Not Call" == "No"',
    params => '{"working": ["Working Professional", "Businessman"], "india": ["India"]}');
INSERT INTO leadscore.dimension (model, path, max_value) VALUES ('school', 'person', NULL), ('school', 'source', NULL), ('school',
    'interest', 60);
INSERT INTO leadscore.rule (model, name, dimension, condition, points, else_points) VALUES
    ('school', 'has a job',            'person',   '$."What is your current occupation" == $working[*]', 25, 0),
    ('school', 'says what they do',    'person',   '$."What is your current occupation" != null', 5, 0),
    ('school', 'named a field',        'person',   '$.Specialization != null && $.Specialization != "Select"', 5, 0),
    ('school', 'named a city',         'person',   '$.City != null && $.City != "Select"', 3, 0),
    ('school', 'at home in India',     'person',   '$.Country == $india[*]', 2, 0),
    ('school', 'wants a better career', 'person',
        '$."What matters most to you in choosing a course" starts with "Better Career"', 5, 0),
    ('school', 'filled in a form',     'source',   '$."Lead Origin" == "Lead Add Form"', 30, 0),
    ('school', 'recommended',          'source',   '$."Lead Source" like_regex "reference|referral" flag "i"', 20, 0),
    ('school', 'searched for us',      'source',   '$."Lead Source" like_regex "^(google|organic search)$" flag "i"', 5, 0),
    ('school', 'only chatted',         'source',   '$."Lead Source" == "Olark Chat"', -5, 0),
    ('school', 'read for minutes',     'interest', '$."Total Time Spent on Website" >= 300', 15, 0),
    ('school', 'read for long',        'interest', '$."Total Time Spent on Website" >= 900', 20, 0),
    ('school', 'came back',            'interest', '$.TotalVisits > 1 && $.TotalVisits < 50', 5, 0),
    ('school', 'answered a message',   'interest',
        '$."Last Activity" == "SMS Sent" || $."Last Activity" like_regex "conversation|speak" flag "i"', 15, 0),
    ('school', 'mail does not arrive', 'interest', '$."Last Activity" like_regex "bounced|unsubscribed" flag "i"', -20, 0),
    ('school', 'asked for the guide',  'interest', '$."A free copy of Mastering The Interview" == "Yes"', 3, 0);
INSERT INTO leadscore.tier (model, name, position, minimums) VALUES
    ('school', 'cold', 1, '{}'), ('school', 'warm', 2, '{"score": 40}'), ('school', 'hot', 3, '{"score": 70, "interest": 15}');
SQL
is(value(q{SELECT leadscore.publish('school')}), '1', 'the model is published');
is_exact($node, $db, 'school', 'live scores are what a recompute gives');

# The same by hand.
my $by_hand = <<'SQL';
(CASE WHEN "What is your current occupation" IN ('Working Professional', 'Businessman') THEN 25 ELSE 0 END
 + CASE WHEN "What is your current occupation" IS NOT NULL THEN 5 ELSE 0 END
 + CASE WHEN "Specialization" <> 'Select' THEN 5 ELSE 0 END
 + CASE WHEN "City" <> 'Select' THEN 3 ELSE 0 END
 + CASE WHEN "Country" = 'India' THEN 2 ELSE 0 END
 + CASE WHEN "What matters most to you in choosing a course" LIKE 'Better Career%' THEN 5 ELSE 0 END)
+ (CASE WHEN "Lead Origin" = 'Lead Add Form' THEN 30 ELSE 0 END
 + CASE WHEN "Lead Source" ~* 'reference|referral' THEN 20 ELSE 0 END
 + CASE WHEN lower("Lead Source") IN ('google', 'organic search') THEN 5 ELSE 0 END
 + CASE WHEN "Lead Source" = 'Olark Chat' THEN -5 ELSE 0 END)
+ least(60, CASE WHEN "Total Time Spent on Website" >= 300 THEN 15 ELSE 0 END
 + CASE WHEN "Total Time Spent on Website" >= 900 THEN 20 ELSE 0 END
 + CASE WHEN "TotalVisits" > 1 AND "TotalVisits" < 50 THEN 5 ELSE 0 END
 + CASE WHEN "Last Activity" = 'SMS Sent' OR "Last Activity" ~* 'conversation|speak' THEN 15 ELSE 0 END
 + CASE WHEN "Last Activity" ~* 'bounced|unsubscribed' THEN -20 ELSE 0 END
 + CASE WHEN "A free copy of Mastering The Interview" = 'Yes' THEN 3 ELSE 0 END)
SQL
my $eligible = q{("Do Not Email" = 'No' AND "Do Not Call" = 'No')};
is(value(qq{SELECT count(*) FROM leads AS l WHERE leadscore.fit('school', l) IS DISTINCT
    FROM CASE WHEN $eligible THEN ($by_hand)::float8 END}),
    '0', 'fit of every lead is the sum of a plain CASE, and null for who is not eligible');
is(value(qq{SELECT count(*) FROM leads AS l FULL JOIN school.scores AS s USING ("Prospect ID")
            WHERE s.score IS DISTINCT FROM CASE WHEN $eligible THEN ($by_hand)::float8 END}), '0', 'so is the live score');
is(value('SELECT count(*) FROM school.scores'), value("SELECT count(*) FROM leads WHERE $eligible"),
    'who is not eligible is not in the view');
is(value(q{SELECT count(*) FROM (SELECT "Prospect ID" AS id, score FROM school.scores ORDER BY 1 LIMIT 200) AS s
           WHERE abs(s.score - leadscore.score('school', s.id)) > 1e-9
              OR abs(s.score - (SELECT points FROM leadscore.explain('school', s.id) LIMIT 1)) > 1e-9}), '0',
                  'score and explain of 200 leads');

# Is it of any use? Equal scores are put in the order of the file's keys, which say nothing.
my ($all, $best, $next, $rest, $ranked) = split /\|/, value(<<'SQL');
WITH ranked AS (
    SELECT "Converted" AS converted, ntile(5) OVER (ORDER BY leadscore.fit('school', l) DESC, md5("Prospect ID"::text)) AS fifth
    FROM leads AS l WHERE leadscore.fit('school', l) IS NOT NULL
)
SELECT round(100 * avg(converted), 1), round(100 * avg(converted) FILTER (WHERE fifth = 1), 1),
       round(100 * avg(converted) FILTER (WHERE fifth = 2), 1),
       round(100 * avg(converted) FILTER (WHERE fifth > 2), 1), count(*) FROM ranked
SQL
diag("real leads: $ranked eligible, of whom $all % converted; of the best 20 % by fit $best %, "
    . "of the next 20 % $next %, of the rest $rest %");
cmp_ok($best, '>', $next + 10, 'the best 20 % convert clearly more often than the next 20 %');
cmp_ok($best, '>', 1.5 * $all, 'and than all');
cmp_ok($next, '>', $rest, 'the next 20 % more often than the rest');

subtest 'the leads change' => sub {
    warnings_of($node, $db, q{UPDATE leads SET "What is your current occupation" = 'Working Professional'
        WHERE "Lead Number" % 10 = 0});
    warnings_of($node, $db, q{UPDATE leads SET "Do Not Email" = 'Yes' WHERE "Lead Number" % 10 = 1;
        DELETE FROM leads WHERE "Lead Number" % 10 = 2});
    is(value(qq{SELECT count(*) FROM leads AS l FULL JOIN school.scores AS s USING ("Prospect ID")
                WHERE s.score IS DISTINCT FROM CASE WHEN $eligible THEN ($by_hand)::float8 END}), '0', 'the live scores follow');
    is_exact($node, $db, 'school', 'and are what a recompute gives');
    cmp_ok(value('SELECT count(*) FROM school.tier_changes'), '>', 1000, 'the changes of tier are recorded');
};

$node->stop;
done_testing();
