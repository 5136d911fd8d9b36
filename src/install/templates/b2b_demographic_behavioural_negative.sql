-- Template "b2b_demographic_behavioural_negative": who they are, what they do, and what speaks against them.
-- See docs/templates/b2b_demographic_behavioural_negative.md.

INSERT INTO leadscore.template_document (document) VALUES ($document$
{
  "format": 1,
  "template": {
    "name": "b2b_demographic_behavioural_negative",
    "title": "B2B: demographic, behavioural, negative",
    "about": "The three parts that guides to B2B scoring agree on: 50 points for the profile, 50 for behaviour, up to 50 off."
  },
  "needs": {
    "columns": {
      "email": {"about": "E-mail address: who has none is not scored"},
      "job_title": {"about": "Position, such as Head of Sales"},
      "industry": {"about": "Industry of the lead's company", "optional": true},
      "employees": {"about": "Number of people at the lead's company", "optional": true},
      "country": {"about": "Country, as a code such as FR", "optional": true},
      "created_at": {"about": "When the lead came in: silence is counted from then if there has been no event", "optional": true}
    },
    "event_columns": {
      "url": {"about": "Path of the page that was seen", "optional": true}
    },
    "kinds": {
      "page_view": {"about": "A page of the web site was seen"},
      "email_open": {"about": "An e-mail was opened"},
      "email_click": {"about": "A link in an e-mail was followed"},
      "download": {"about": "A document was downloaded"},
      "webinar_attended": {"about": "A webinar was attended"},
      "demo_request": {"about": "A demonstration was asked for"},
      "unsubscribe": {"about": "The mailing list was left"},
      "bounce": {"about": "An e-mail could not be delivered"}
    }
  },
  "model": {
    "created_at": "created_at",
    "eligible": "$.email != null",
    "params": {
      "industries": ["Software", "Manufacturing"],
      "employees": {"min": 50, "max": 1000},
      "countries": ["FR", "BE", "CH"]
    }
  },
  "dimensions": [
    {"path": "score", "min_value": 0},
    {"path": "demographic", "position": 1, "max_value": 50},
    {"path": "demographic.position", "combine": "first"},
    {"path": "behavioural", "position": 2, "max_value": 50},
    {"path": "negative", "position": 3, "min_value": -50}
  ],
  "rules": [
    {"name": "decides", "dimension": "demographic.position", "position": 1,
     "condition": "$.job_title like_regex \"^(ceo|cto|cfo|cmo|chief|owner|founder|vp|director)\" flag \"i\"", "points": 20},
    {"name": "leads a team", "dimension": "demographic.position", "position": 2,
     "condition": "$.job_title like_regex \"head|lead|manager\" flag \"i\"", "points": 10},
    {"name": "in our industries", "dimension": "demographic", "position": 3, "condition": "$.industry == $industries[*]",
     "points": 10},
    {"name": "company of our size", "dimension": "demographic", "position": 4,
     "condition": "$.employees >= $employees.min && $.employees <= $employees.max", "points": 10},
    {"name": "in our countries", "dimension": "demographic", "position": 5, "condition": "$.country == $countries[*]",
     "points": 10},

    {"name": "asked for a demonstration", "dimension": "behavioural", "position": 11, "event": "demo_request", "points": 30,
     "decay": "linear", "period": "90 days", "max_points": 30},
    {"name": "saw the prices", "dimension": "behavioural", "position": 12, "event": "page_view",
     "condition": "$.url starts with \"/pricing\"", "points": 10, "decay": "half_life", "period": "30 days", "max_points": 20},
    {"name": "attended a webinar", "dimension": "behavioural", "position": 13, "event": "webinar_attended", "points": 10,
     "decay": "half_life", "period": "30 days", "max_points": 20},
    {"name": "downloaded a document", "dimension": "behavioural", "position": 14, "event": "download", "points": 5,
     "decay": "half_life", "period": "30 days", "max_points": 15},
    {"name": "clicked in an e-mail", "dimension": "behavioural", "position": 15, "event": "email_click", "points": 3,
     "decay": "half_life", "period": "30 days", "max_points": 9},
    {"name": "opened an e-mail", "dimension": "behavioural", "position": 16, "event": "email_open", "points": 1,
     "decay": "half_life", "period": "30 days", "max_points": 5},

    {"name": "private e-mail address", "dimension": "negative", "position": 21,
     "condition": "$.email like_regex \"@(gmail|hotmail|outlook|yahoo|icloud)[.]\" flag \"i\"", "points": -10},
    {"name": "student or applicant", "dimension": "negative", "position": 22,
     "condition": "$.job_title like_regex \"student|intern\\\\b|looking for\" flag \"i\"", "points": -20},
    {"name": "saw our vacancies", "dimension": "negative", "position": 23, "event": "page_view",
     "condition": "$.url starts with \"/jobs\"", "points": -10, "max_awards": 1},
    {"name": "left the mailing list", "dimension": "negative", "position": 24, "event": "unsubscribe", "points": -25,
     "max_awards": 1},
    {"name": "cannot be reached", "dimension": "negative", "position": 25, "event": "bounce", "points": -20, "max_awards": 1},
    {"name": "silent for a month", "dimension": "negative", "position": 26, "event": "*", "points": -10, "silent_for": "30 days",
     "repeats": true, "min_points": -30}
  ],
  "tiers": [
    {"name": "cold", "position": 1},
    {"name": "marketing qualified", "position": 2, "minimums": {"score": 50}},
    {"name": "sales qualified", "position": 3, "minimums": {"score": 75, "demographic": 30}}
  ]
}
$document$);
