-- Template "starter": where to begin when there is no scoring yet. See docs/templates/starter.md.

INSERT INTO leadscore.template_document (document) VALUES ($document$
{
  "format": 1,
  "template": {
    "name": "starter",
    "title": "A first model",
    "about": "Three facts about the lead, four sizes of points for what it does, which fade, and cold, warm and hot."
  },
  "needs": {
    "columns": {
      "email": {"about": "E-mail address: who has none is not scored"},
      "job_title": {"about": "Position, such as Head of Sales", "optional": true},
      "industry": {"about": "Industry of the lead's company", "optional": true},
      "employees": {"about": "Number of people at the lead's company", "optional": true}
    },
    "kinds": {
      "page_view": {"about": "A page of the web site was seen"},
      "email_open": {"about": "An e-mail was opened"},
      "email_click": {"about": "A link in an e-mail was followed"},
      "download": {"about": "A document was downloaded"},
      "webinar_attended": {"about": "A webinar was attended"},
      "form_submit": {"about": "Contact was asked for in a form"},
      "demo_request": {"about": "A demonstration was asked for"}
    }
  },
  "model": {
    "eligible": "$.email != null",
    "params": {
      "industries": ["Software", "Manufacturing"],
      "employees": {"min": 50, "max": 500}
    }
  },
  "dimensions": [
    {"path": "fit", "position": 1},
    {"path": "engagement", "position": 2, "max_value": 70}
  ],
  "rules": [
    {"name": "decides", "dimension": "fit", "position": 1,
     "condition": "$.job_title like_regex \"^(ceo|cto|cmo|chief|head|director|vp)\" flag \"i\"", "points": 10},
    {"name": "in our industries", "dimension": "fit", "position": 2, "condition": "$.industry == $industries[*]", "points": 10},
    {"name": "company of our size", "dimension": "fit", "position": 3,
     "condition": "$.employees >= $employees.min && $.employees <= $employees.max", "points": 10},

    {"name": "saw a page", "dimension": "engagement", "position": 11, "event": "page_view", "points": 1,
     "decay": "half_life", "period": "30 days", "max_points": 10, "note": "1: noticed us"},
    {"name": "opened an e-mail", "dimension": "engagement", "position": 12, "event": "email_open", "points": 1,
     "decay": "half_life", "period": "30 days", "max_points": 5, "note": "1: noticed us"},
    {"name": "clicked in an e-mail", "dimension": "engagement", "position": 13, "event": "email_click", "points": 2,
     "decay": "half_life", "period": "30 days", "max_points": 10, "note": "2: is curious"},
    {"name": "downloaded a document", "dimension": "engagement", "position": 14, "event": "download", "points": 5,
     "decay": "half_life", "period": "30 days", "note": "5: spends time on us"},
    {"name": "attended a webinar", "dimension": "engagement", "position": 15, "event": "webinar_attended", "points": 5,
     "decay": "half_life", "period": "30 days", "note": "5: spends time on us"},
    {"name": "asked to be contacted", "dimension": "engagement", "position": 16, "event": "form_submit", "points": 10,
     "decay": "half_life", "period": "30 days", "note": "10: wants to talk"},
    {"name": "asked for a demonstration", "dimension": "engagement", "position": 17, "event": "demo_request", "points": 10,
     "decay": "half_life", "period": "30 days", "note": "10: wants to talk"}
  ],
  "tiers": [
    {"name": "cold", "position": 1},
    {"name": "warm", "position": 2, "minimums": {"score": 20}},
    {"name": "hot", "position": 3, "minimums": {"score": 40, "fit": 20}}
  ]
}
$document$);
