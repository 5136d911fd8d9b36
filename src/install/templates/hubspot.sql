-- Template "hubspot": fit and engagement, limits on rules, groups and total, labels A1 to C3. See docs/templates/hubspot.md.

INSERT INTO leadscore.template_document (document) VALUES ($document$
{
  "format": 1,
  "template": {
    "name": "hubspot",
    "title": "HubSpot's combined score",
    "about": "Fit and engagement in groups, with a limit for each rule, each group and the total, linear decay, labels A1 to C3."
  },
  "needs": {
    "columns": {
      "email": {"about": "E-mail address: who has none is not scored"},
      "job_title": {"about": "Position, such as Head of Sales"},
      "country": {"about": "Country, as a code such as FR"},
      "revenue": {"about": "Annual revenue of the lead's company, a number", "optional": true}
    },
    "kinds": {
      "form_submit": {"about": "A form was filled in and sent"},
      "meeting": {"about": "A meeting took place or was booked"},
      "email_click": {"about": "A link in an e-mail was followed"},
      "email_open": {"about": "An e-mail was opened"},
      "page_view": {"about": "A page of the web site was seen"},
      "unsubscribe": {"about": "The lead left the mailing list"}
    }
  },
  "model": {
    "eligible": "$.email != null",
    "params": {
      "countries": ["FR", "BE"],
      "revenue": {"min": 10000000}
    }
  },
  "dimensions": [
    {"path": "score", "min_value": -100, "max_value": 100},
    {"path": "fit", "position": 1, "min_value": -50, "max_value": 50},
    {"path": "fit.person", "position": 1, "min_value": -30, "max_value": 30},
    {"path": "fit.company", "position": 2, "min_value": -20, "max_value": 20},
    {"path": "engagement", "position": 2, "min_value": -50, "max_value": 50},
    {"path": "engagement.conversion", "position": 1, "min_value": -35, "max_value": 35},
    {"path": "engagement.awareness", "position": 2, "min_value": -15, "max_value": 15}
  ],
  "rules": [
    {"name": "decides", "dimension": "fit.person", "position": 1,
     "condition": "$.job_title like_regex \"(^|[^a-z])(ceo|cto|cfo|coo|cmo|chief|founder|owner|vp)([^a-z]|$)\" flag \"i\"",
     "points": 20, "note": "an example: edit"},
    {"name": "leads a team", "dimension": "fit.person", "position": 2,
     "condition": "$.job_title like_regex \"head|director|manager\" flag \"i\"", "points": 15, "note": "an example: edit"},
    {"name": "has a free mail address", "dimension": "fit.person", "position": 3,
     "condition": "$.email like_regex \"@(gmail|hotmail|outlook|yahoo)[.]\" flag \"i\"", "points": -10, "note": "an example: edit"},
    {"name": "company in a target country", "dimension": "fit.company", "position": 1, "condition": "$.country == $countries[*]",
     "points": 10, "note": "an example: edit"},
    {"name": "company of the right size", "dimension": "fit.company", "position": 2, "condition": "$.revenue >= $revenue.min",
     "points": 15, "note": "an example: edit"},
    {"name": "submitted a form", "dimension": "engagement.conversion", "position": 1, "event": "form_submit", "points": 10,
     "decay": "linear", "period": "30 days", "rate": 0.5, "max_points": 20,
     "note": "10 points, 50 % less every month: the vendor's own example of decay; the limit of 20 is an example: edit"},
    {"name": "met us", "dimension": "engagement.conversion", "position": 2, "event": "meeting", "points": 15,
     "decay": "linear", "period": "30 days", "rate": 0.25, "note": "25 % less every month; an example: edit"},
    {"name": "clicked in an e-mail", "dimension": "engagement.awareness", "position": 1, "event": "email_click", "points": 3,
     "decay": "linear", "period": "30 days", "rate": 1, "max_points": 9, "note": "100 % less every month; an example: edit"},
    {"name": "opened an e-mail", "dimension": "engagement.awareness", "position": 2, "event": "email_open", "points": 1,
     "decay": "linear", "period": "30 days", "rate": 0.75, "max_points": 3, "note": "75 % less every month; an example: edit"},
    {"name": "saw 1 to 4 pages in 30 days", "dimension": "engagement.awareness", "position": 3, "event": "page_view", "points": 3,
     "at_least": 1, "at_most": 4, "within": "30 days", "note": "a range of frequency in a time frame; an example: edit"},
    {"name": "saw 5 pages or more in 30 days", "dimension": "engagement.awareness", "position": 4, "event": "page_view",
     "points": 6, "at_least": 5, "within": "30 days", "note": "a range of frequency in a time frame; an example: edit"},
    {"name": "left the mailing list", "dimension": "engagement.awareness", "position": 5, "event": "unsubscribe", "points": -15,
     "max_awards": 1, "note": "an example: edit"}
  ],
  "grades": [
    {"dimension": "fit", "name": "A", "minimum": 35},
    {"dimension": "fit", "name": "B", "minimum": 20},
    {"dimension": "fit", "name": "C", "minimum": -50},
    {"dimension": "engagement", "name": "1", "minimum": 30},
    {"dimension": "engagement", "name": "2", "minimum": 15},
    {"dimension": "engagement", "name": "3", "minimum": -50}
  ],
  "tiers": [
    {"name": "C3", "position": 1},
    {"name": "C2", "position": 2, "minimums": {"engagement": 15}},
    {"name": "C1", "position": 3, "minimums": {"engagement": 30}},
    {"name": "B3", "position": 4, "minimums": {"fit": 20}},
    {"name": "B2", "position": 5, "minimums": {"fit": 20, "engagement": 15}},
    {"name": "B1", "position": 6, "minimums": {"fit": 20, "engagement": 30}},
    {"name": "A3", "position": 7, "minimums": {"fit": 35}},
    {"name": "A2", "position": 8, "minimums": {"fit": 35, "engagement": 15}},
    {"name": "A1", "position": 9, "minimums": {"fit": 35, "engagement": 30}}
  ]
}
$document$);
