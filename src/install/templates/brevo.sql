-- Template "brevo": one score, points for each action, one threshold. See docs/templates/brevo.md.

INSERT INTO leadscore.template_document (document) VALUES ($document$
{
  "format": 1,
  "template": {
    "name": "brevo",
    "title": "Brevo's score attribute",
    "about": "One number for each contact, 5 points for every sign of interest, and a threshold from which it is engaged."
  },
  "needs": {
    "columns": {
      "email": {"about": "E-mail address: who has none is not scored"}
    },
    "kinds": {
      "email_open": {"about": "An e-mail was opened"},
      "push_click": {"about": "A web push notification was clicked"}
    }
  },
  "model": {
    "eligible": "$.email != null"
  },
  "rules": [
    {"name": "opened an e-mail", "position": 1, "event": "email_open", "points": 5, "note": "the vendor's example: edit"},
    {"name": "clicked a web push", "position": 2, "event": "push_click", "points": 5, "note": "the vendor's example: edit"}
  ],
  "tiers": [
    {"name": "contact", "position": 1},
    {"name": "engaged", "position": 2, "minimums": {"score": 20}}
  ]
}
$document$);
