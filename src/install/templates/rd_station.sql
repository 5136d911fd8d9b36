-- Template "rd_station": profile A to D as a weighted share, and interest. See docs/templates/rd_station.md.

INSERT INTO leadscore.template_document (document) VALUES ($document$
{
  "format": 1,
  "template": {
    "name": "rd_station",
    "title": "RD Station's profile and interest",
    "about": "A profile from A to D, the weighted share of fields whose answers are worth 0 to 10, beside points of interest."
  },
  "needs": {
    "columns": {
      "email": {"about": "E-mail address: who has none is not scored"},
      "job_title": {"about": "Position, as one of the answers of a form"},
      "industry": {"about": "Industry of the lead's company, as one of the answers of a form"},
      "employees": {"about": "Number of people at the lead's company"}
    },
    "kinds": {
      "page_view": {"about": "A page that is followed was seen"},
      "email_click": {"about": "A link in an e-mail was followed"},
      "download": {"about": "A conversion on a landing page with a document"},
      "webinar_attended": {"about": "A webinar was attended"},
      "demo_request": {"about": "A conversion that asks for sales"}
    }
  },
  "model": {
    "eligible": "$.email != null",
    "params": {
      "job_title": {"best": ["CEO", "Diretor"], "good": ["Gerente"], "fair": ["Analista"]},
      "industry": {"best": ["Tecnologia"], "good": ["Serviços"]},
      "employees": {"best": 100, "good": 20}
    }
  },
  "dimensions": [
    {"path": "profile", "position": 1, "combine": "share", "weight": 0},
    {"path": "profile.job_title", "position": 1, "combine": "first", "weight": 3, "max_value": 10},
    {"path": "profile.industry", "position": 2, "combine": "first", "weight": 2, "max_value": 10},
    {"path": "profile.employees", "position": 3, "combine": "first", "weight": 1, "max_value": 10},
    {"path": "interest", "position": 2}
  ],
  "rules": [
    {"name": "job title: best", "dimension": "profile.job_title", "position": 1, "condition": "$.job_title == $job_title.best[*]",
     "points": 10},
    {"name": "job title: good", "dimension": "profile.job_title", "position": 2, "condition": "$.job_title == $job_title.good[*]",
     "points": 7},
    {"name": "job title: fair", "dimension": "profile.job_title", "position": 3, "condition": "$.job_title == $job_title.fair[*]",
     "points": 3},
    {"name": "industry: best", "dimension": "profile.industry", "position": 4, "condition": "$.industry == $industry.best[*]",
     "points": 10},
    {"name": "industry: good", "dimension": "profile.industry", "position": 5, "condition": "$.industry == $industry.good[*]",
     "points": 5},
    {"name": "employees: best", "dimension": "profile.employees", "position": 6, "condition": "$.employees >= $employees.best",
     "points": 10},
    {"name": "employees: good", "dimension": "profile.employees", "position": 7, "condition": "$.employees >= $employees.good",
     "points": 5},

    {"name": "saw a page that is followed", "dimension": "interest", "position": 11, "event": "page_view", "points": 1},
    {"name": "clicked in an e-mail", "dimension": "interest", "position": 12, "event": "email_click", "points": 2},
    {"name": "converted for a document", "dimension": "interest", "position": 13, "event": "download", "points": 5},
    {"name": "attended a webinar", "dimension": "interest", "position": 14, "event": "webinar_attended", "points": 7},
    {"name": "asked for sales", "dimension": "interest", "position": 15, "event": "demo_request", "points": 10}
  ],
  "grades": [
    {"dimension": "profile", "name": "A", "minimum": 75},
    {"dimension": "profile", "name": "B", "minimum": 50},
    {"dimension": "profile", "name": "C", "minimum": 25},
    {"dimension": "profile", "name": "D", "minimum": 0}
  ],
  "tiers": [
    {"name": "lead", "position": 1},
    {"name": "qualified", "position": 2, "minimums": {"profile": 50, "interest": 10}}
  ]
}
$document$);
