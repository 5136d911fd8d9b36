-- Template "marketo": demographic and behaviour scores, once-per limits over rolling intervals. See docs/templates/marketo.md.

INSERT INTO leadscore.template_document (document) VALUES ($document$
{
  "format": 1,
  "template": {
    "name": "marketo",
    "title": "Marketo's demographic and behaviour scores",
    "about": "What a person is and does, two scores that add up; each rule every time, only once, or once every 24 hours."
  },
  "needs": {
    "columns": {
      "created_at": {"about": "When the person was created: silence counts from then until there is a first activity"},
      "job_title": {"about": "Position, such as VP Marketing"},
      "source": {"about": "Where the person came from, such as Website"}
    },
    "event_columns": {
      "url": {"about": "Path of the page that was seen or of the file that was downloaded"}
    },
    "kinds": {
      "page_view": {"about": "A page of the web site was seen"},
      "email_open": {"about": "An e-mail was opened"},
      "demo_watched": {"about": "A recorded demonstration was watched"},
      "webinar_registered": {"about": "The person registered for a webinar"},
      "webinar_attended": {"about": "The person attended a webinar"},
      "download": {"about": "A file was downloaded"},
      "search": {"about": "The person came from a search for your name"}
    }
  },
  "model": {
    "created_at": "created_at",
    "params": {
      "web_sources": ["Website"],
      "thought_leadership_sources": ["Thought leadership"]
    }
  },
  "dimensions": [
    {"path": "demographic", "position": 1},
    {"path": "demographic.title", "position": 1, "combine": "first"},
    {"path": "behaviour", "position": 2}
  ],
  "rules": [
    {"name": "is a chief", "dimension": "demographic.title", "position": 1,
     "condition": "$.job_title like_regex \"(^|[^a-z])(ceo|cto|cfo|coo|cmo|chief|founder|owner)([^a-z]|$)\" flag \"i\"",
     "points": 8, "note": "0 to 8 points by title are Marketo's own; the steps between are an example: edit"},
    {"name": "is a vice president", "dimension": "demographic.title", "position": 2,
     "condition": "$.job_title like_regex \"(^|[^a-z])(vp|svp|evp|vice president)([^a-z]|$)\" flag \"i\"", "points": 6,
     "note": "an example: edit"},
    {"name": "is a director", "dimension": "demographic.title", "position": 3,
     "condition": "$.job_title like_regex \"head|director\" flag \"i\"", "points": 4, "note": "an example: edit"},
    {"name": "is a manager", "dimension": "demographic.title", "position": 4,
     "condition": "$.job_title like_regex \"manager\" flag \"i\"", "points": 2, "note": "an example: edit"},
    {"name": "came by the web site", "dimension": "demographic", "position": 1, "condition": "$.source == $web_sources[*]",
     "points": 7, "note": "Marketo's own"},
    {"name": "came by thought leadership", "dimension": "demographic", "position": 2,
     "condition": "$.source == $thought_leadership_sources[*]", "points": -5, "note": "Marketo's own"},
    {"name": "visited a web page", "dimension": "behaviour", "position": 1, "event": "page_view", "points": 1,
     "max_awards": 1, "per": "1 day", "note": "the point is Marketo's own; once every 24 hours is an example: edit"},
    {"name": "opened an e-mail", "dimension": "behaviour", "position": 2, "event": "email_open", "points": 1,
     "max_awards": 1, "per": "1 day", "note": "the point is Marketo's own; once every 24 hours is an example: edit"},
    {"name": "watched a demonstration", "dimension": "behaviour", "position": 3, "event": "demo_watched", "points": 5,
     "note": "Marketo's own, every time"},
    {"name": "registered for a webinar", "dimension": "behaviour", "position": 4, "event": "webinar_registered", "points": 5,
     "note": "Marketo's own, every time"},
    {"name": "attended a webinar", "dimension": "behaviour", "position": 5, "event": "webinar_attended", "points": 5,
     "note": "Marketo's own, every time"},
    {"name": "downloaded thought leadership", "dimension": "behaviour", "position": 6, "event": "download",
     "condition": "$.url like_regex \"/thought-leadership/\"", "points": 5, "note": "Marketo's own; the path is an example: edit"},
    {"name": "downloaded reviews", "dimension": "behaviour", "position": 7, "event": "download",
     "condition": "$.url like_regex \"/reviews/\"", "points": 12, "note": "Marketo's own; the path is an example: edit"},
    {"name": "visited twice in a week", "dimension": "behaviour", "position": 8, "event": "page_view", "points": 8,
     "at_least": 2, "within": "7 days", "note": "Marketo's own, but worth something only while it is so"},
    {"name": "searched for our name", "dimension": "behaviour", "position": 9, "event": "search", "points": 15,
     "note": "Marketo's own, every time"},
    {"name": "saw the prices", "dimension": "behaviour", "position": 10, "event": "page_view",
     "condition": "$.url like_regex \"/pricing\"", "points": 5, "max_awards": 1, "per": "1 day",
     "note": "the points are Marketo's own; once every 24 hours is an example: edit"},
    {"name": "looked for a job", "dimension": "behaviour", "position": 11, "event": "page_view",
     "condition": "$.url like_regex \"/careers\"", "points": -10, "max_awards": 1,
     "note": "the points are Marketo's own; only once, as a smart campaign does by default"},
    {"name": "no activity in a month", "dimension": "behaviour", "position": 12, "event": "*", "points": -5, "min_points": -30,
     "silent_for": "30 days", "repeats": true,
     "note": "Marketo's own for scores of 0 to 30 (it takes 15 above); the floor of -30 is an example: edit"}
  ],
  "tiers": [
    {"name": "prospect", "position": 1},
    {"name": "lead", "position": 2, "minimums": {"score": 66}}
  ]
}
$document$);
