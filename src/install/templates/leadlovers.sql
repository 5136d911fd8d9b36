-- Template "leadlovers": one number and one classification. See docs/templates/leadlovers.md.

INSERT INTO leadscore.template_document (document) VALUES ($document$
{
  "format": 1,
  "template": {
    "name": "leadlovers",
    "title": "leadlovers' lead score",
    "about": "One whole number for each lead, which actions add to and take from, and one classification by it."
  },
  "needs": {
    "columns": {
      "email": {"about": "E-mail address: who has none is not scored"}
    },
    "kinds": {
      "email_open": {"about": "An e-mail of a sequence was opened"},
      "email_click": {"about": "A link in an e-mail was followed"},
      "page_view": {"about": "A page of the machine was seen"},
      "form_submit": {"about": "A capture page was filled in"},
      "purchase": {"about": "Something was bought"},
      "unsubscribe": {"about": "The sequence was left"}
    }
  },
  "model": {
    "eligible": "$.email != null"
  },
  "dimensions": [
    {"path": "score", "min_value": 0}
  ],
  "rules": [
    {"name": "opened an e-mail", "position": 1, "event": "email_open", "points": 1},
    {"name": "clicked in an e-mail", "position": 2, "event": "email_click", "points": 3},
    {"name": "saw a page", "position": 3, "event": "page_view", "points": 1},
    {"name": "filled in a capture page", "position": 4, "event": "form_submit", "points": 5},
    {"name": "bought", "position": 5, "event": "purchase", "points": 20},
    {"name": "left the sequence", "position": 6, "event": "unsubscribe", "points": -10}
  ],
  "tiers": [
    {"name": "cold", "position": 1},
    {"name": "warm", "position": 2, "minimums": {"score": 10}},
    {"name": "hot", "position": 3, "minimums": {"score": 30}}
  ]
}
$document$);
