-- Template "webmecanik": Mautic's points with points for what a contact answered in forms. See docs/templates/webmecanik.md.

INSERT INTO leadscore.template_document (document) VALUES ($document$
{
  "format": 1,
  "template": {
    "name": "webmecanik",
    "title": "Webmecanik Automation's points",
    "about": "Points for answers in forms and for actions, once per contact or repeatable, point groups, levels that trigger."
  },
  "needs": {
    "columns": {
      "company_size": {"about": "What the contact answered to: how many people work at your company?"}
    },
    "event_columns": {
      "url": {"about": "Path of the page that was seen"}
    },
    "kinds": {
      "email_open": {"about": "An e-mail was opened"},
      "email_click": {"about": "A link in an e-mail was followed"},
      "form_submit": {"about": "A form was submitted"},
      "page_view": {"about": "A page of the web site was seen"},
      "unsubscribe": {"about": "The contact left the mailing list"}
    }
  },
  "model": {
    "params": {
      "company_sizes": {"small": "Less than 10 employees", "medium": "10 to 50 employees", "large": "More than 50 employees"}
    }
  },
  "dimensions": [
    {"path": "profile", "position": 1},
    {"path": "behaviour", "position": 2},
    {"path": "product", "position": 3, "weight": 0}
  ],
  "rules": [
    {"name": "answered: less than 10 employees", "dimension": "profile", "position": 1,
     "condition": "$.company_size == $company_sizes.small", "points": 1, "note": "the vendor's example: edit"},
    {"name": "answered: 10 to 50 employees", "dimension": "profile", "position": 2,
     "condition": "$.company_size == $company_sizes.medium", "points": 5, "note": "the vendor's example: edit"},
    {"name": "answered: more than 50 employees", "dimension": "profile", "position": 3,
     "condition": "$.company_size == $company_sizes.large", "points": 10, "note": "the vendor's example: edit"},
    {"name": "opened an e-mail", "dimension": "behaviour", "position": 1, "event": "email_open", "points": 1, "max_awards": 1,
     "note": "not repeatable; an example: edit"},
    {"name": "clicked in an e-mail", "dimension": "behaviour", "position": 2, "event": "email_click", "points": 3,
     "note": "repeatable; an example: edit"},
    {"name": "submitted a form", "dimension": "behaviour", "position": 3, "event": "form_submit", "points": 20,
     "note": "repeatable; an example: edit"},
    {"name": "visited the prices", "dimension": "behaviour", "position": 4, "event": "page_view",
     "condition": "$.url like_regex \"^/pricing\"", "points": 5, "max_awards": 1, "note": "not repeatable; an example: edit"},
    {"name": "left the mailing list", "dimension": "behaviour", "position": 5, "event": "unsubscribe", "points": -20,
     "max_awards": 1, "note": "not repeatable; an example: edit"},
    {"name": "visited the product", "dimension": "product", "position": 1, "event": "page_view",
     "condition": "$.url like_regex \"^/product\"", "points": 5, "note": "of a point group; repeatable; an example: edit"}
  ],
  "tiers": [
    {"name": "cold", "position": 1},
    {"name": "warm", "position": 2, "minimums": {"score": 20}},
    {"name": "hot", "position": 3, "minimums": {"score": 40}}
  ]
}
$document$);
