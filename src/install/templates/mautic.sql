-- Template "mautic": points for actions, once or repeatable, point groups, triggers. See docs/templates/mautic.md.

INSERT INTO leadscore.template_document (document) VALUES ($document$
{
  "format": 1,
  "template": {
    "name": "mautic",
    "title": "Mautic's points",
    "about": "Points for actions, once per contact or repeatable, point groups beside the main points, levels that trigger."
  },
  "needs": {
    "event_columns": {
      "url": {"about": "Path of the page that was seen or of the file that was downloaded"}
    },
    "kinds": {
      "email_open": {"about": "An e-mail was opened"},
      "form_submit": {"about": "A form was submitted"},
      "download": {"about": "An asset was downloaded"},
      "page_view": {"about": "A page was hit"}
    }
  },
  "dimensions": [
    {"path": "product", "position": 1, "weight": 0}
  ],
  "rules": [
    {"name": "opens an e-mail", "position": 1, "event": "email_open", "points": 10, "max_awards": 1,
     "note": "10 points: the example in Mautic's own help; not repeatable, which is its default"},
    {"name": "submits a form", "position": 2, "event": "form_submit", "points": 20, "note": "repeatable; an example: edit"},
    {"name": "downloads an asset", "position": 3, "event": "download", "points": 15, "max_awards": 1,
     "note": "not repeatable; an example: edit"},
    {"name": "visits the prices", "position": 4, "event": "page_view", "condition": "$.url like_regex \"^/pricing\"", "points": 5,
     "max_awards": 1, "note": "not repeatable; an example: edit"},
    {"name": "visits the jobs", "position": 5, "event": "page_view", "condition": "$.url like_regex \"^/jobs\"", "points": -10,
     "max_awards": 1, "note": "not repeatable; an example: edit"},
    {"name": "visits the product", "dimension": "product", "position": 6, "event": "page_view",
     "condition": "$.url like_regex \"^/product\"", "points": 5, "note": "of a point group; repeatable; an example: edit"},
    {"name": "downloads the product sheet", "dimension": "product", "position": 7, "event": "download",
     "condition": "$.url like_regex \"^/product\"", "points": 10, "max_awards": 1,
     "note": "of a point group; not repeatable; an example: edit"}
  ],
  "tiers": [
    {"name": "visitor", "position": 1},
    {"name": "engaged", "position": 2, "minimums": {"score": 20}},
    {"name": "ready", "position": 3, "minimums": {"score": 50}}
  ]
}
$document$);
