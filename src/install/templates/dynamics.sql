-- Template "dynamics": conditions with points, named ranges, and sales ready once and for all. See docs/templates/dynamics.md.

INSERT INTO leadscore.template_document (document) VALUES ($document$
{
  "format": 1,
  "template": {
    "name": "dynamics",
    "title": "Dynamics 365's lead scoring model",
    "about": "Attributes and interactions add points, each time, once or from a number on; named ranges; sales ready for good."
  },
  "needs": {
    "columns": {
      "country": {"about": "Country, as a code such as FR: only leads of the target audience are scored"},
      "job_title": {"about": "Position, such as Head of Sales"},
      "employees": {"about": "Number of people at the lead's company", "optional": true}
    },
    "kinds": {
      "email_open": {"about": "An e-mail was opened"},
      "email_click": {"about": "A link in an e-mail was followed"},
      "page_view": {"about": "A page of the web site was seen"},
      "form_submit": {"about": "A marketing form was submitted"},
      "webinar_registered": {"about": "The lead registered for an event"},
      "webinar_attended": {"about": "The lead checked in at an event"},
      "unsubscribe": {"about": "Consent to e-mails was taken back"}
    }
  },
  "model": {
    "eligible": "$.country == $audience[*]",
    "params": {
      "audience": ["FR", "BE", "DE"],
      "employees": {"more_than": 500}
    }
  },
  "dimensions": [
    {"path": "attributes", "position": 1},
    {"path": "interactions", "position": 2}
  ],
  "rules": [
    {"name": "decides", "dimension": "attributes", "position": 1,
     "condition": "$.job_title like_regex \"chief|head|director\" flag \"i\"", "points": 5},
    {"name": "large company", "dimension": "attributes", "position": 2, "condition": "$.employees > $employees.more_than",
     "points": 3},

    {"name": "opened at least five e-mails in 28 days", "dimension": "interactions", "position": 11, "event": "email_open",
     "points": 5, "at_least": 5, "within": "28 days"},
    {"name": "clicked in an e-mail", "dimension": "interactions", "position": 12, "event": "email_click", "points": 2,
     "decay": "window", "period": "365 days"},
    {"name": "visited the web site", "dimension": "interactions", "position": 13, "event": "page_view", "points": 1, "at_least": 1,
     "within": "365 days"},
    {"name": "submitted a form", "dimension": "interactions", "position": 14, "event": "form_submit", "points": 3,
     "decay": "window", "period": "365 days"},
    {"name": "registered for an event", "dimension": "interactions", "position": 15, "event": "webinar_registered", "points": 5,
     "at_least": 1, "within": "365 days"},
    {"name": "checked in at an event", "dimension": "interactions", "position": 16, "event": "webinar_attended", "points": 5,
     "decay": "window", "period": "365 days"},
    {"name": "took consent back", "dimension": "interactions", "position": 17, "event": "unsubscribe", "points": -10,
     "at_least": 1}
  ],
  "grades": [
    {"dimension": "score", "name": "Cold", "minimum": -1e12},
    {"dimension": "score", "name": "Warm", "minimum": 13},
    {"dimension": "score", "name": "Hot", "minimum": 20}
  ],
  "tiers": [
    {"name": "nurture", "position": 1},
    {"name": "sales ready", "position": 2, "minimums": {"score": 20}, "latched": true}
  ]
}
$document$);
