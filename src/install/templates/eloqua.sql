-- Template "eloqua": weighted criteria, each worth its best rule, frequency and recency, A1 to D4. See docs/templates/eloqua.md.

INSERT INTO leadscore.template_document (document) VALUES ($document$
{
  "format": 1,
  "template": {
    "name": "eloqua",
    "title": "Eloqua's profile and engagement",
    "about": "Criteria with weights in percent, each worth its best matching rule; how often and how recently; labels A1 to D4."
  },
  "needs": {
    "columns": {
      "job_title": {"about": "Position, such as VP Marketing"},
      "industry": {"about": "Industry of the contact's company"},
      "revenue": {"about": "Annual revenue of the contact's company, a number"},
      "current_solution": {"about": "What the contact uses today, such as the name of a competitor", "optional": true}
    },
    "event_columns": {
      "url": {"about": "Path of the page that was seen"}
    },
    "kinds": {
      "form_submit": {"about": "A form was submitted"},
      "email_click": {"about": "A link in an e-mail was followed"},
      "page_view": {"about": "A page of the web site was seen"},
      "email_open": {"about": "An e-mail was opened"}
    }
  },
  "model": {
    "params": {
      "job_titles": {"best": ["VP Marketing"], "good": ["Director of Sales"], "fair": ["Manager of Sales"]},
      "industries": ["Software", "Pharmaceutical"],
      "revenue": {"best": 1000000000, "fair": 100000000},
      "solutions": {"best": ["Competitor 1"], "good": ["Competitor 2"]}
    }
  },
  "dimensions": [
    {"path": "profile", "position": 1},
    {"path": "profile.job_title", "position": 1, "combine": "max", "weight": 0.30},
    {"path": "profile.industry", "position": 2, "combine": "max", "weight": 0.30},
    {"path": "profile.revenue", "position": 3, "combine": "max", "weight": 0.25},
    {"path": "profile.current_solution", "position": 4, "combine": "max", "weight": 0.15},
    {"path": "engagement", "position": 2},
    {"path": "engagement.forms", "position": 1, "combine": "max", "weight": 0.35},
    {"path": "engagement.clicks", "position": 2, "combine": "max", "weight": 0.20},
    {"path": "engagement.product_pages", "position": 3, "combine": "max", "weight": 0.30},
    {"path": "engagement.opens", "position": 4, "combine": "max", "weight": 0.15}
  ],
  "rules": [
    {"name": "vice president of marketing", "dimension": "profile.job_title", "position": 1,
     "condition": "$.job_title == $job_titles.best[*]", "points": 100, "note": "the vendor's example: edit"},
    {"name": "director of sales", "dimension": "profile.job_title", "position": 2,
     "condition": "$.job_title == $job_titles.good[*]", "points": 50, "note": "the vendor's example: edit"},
    {"name": "manager of sales", "dimension": "profile.job_title", "position": 3,
     "condition": "$.job_title == $job_titles.fair[*]", "points": 25, "note": "the vendor's example: edit"},
    {"name": "target industry", "dimension": "profile.industry", "position": 1,
     "condition": "$.industry == $industries[*]", "points": 100, "note": "the vendor's example: edit"},
    {"name": "revenue of a billion", "dimension": "profile.revenue", "position": 1,
     "condition": "$.revenue >= $revenue.best", "points": 100, "note": "the vendor's example: edit"},
    {"name": "revenue of a hundred million", "dimension": "profile.revenue", "position": 2,
     "condition": "$.revenue >= $revenue.fair", "points": 20, "note": "the vendor's example: edit"},
    {"name": "uses the first competitor", "dimension": "profile.current_solution", "position": 1,
     "condition": "$.current_solution == $solutions.best[*]", "points": 100, "note": "the vendor's example: edit"},
    {"name": "uses the second competitor", "dimension": "profile.current_solution", "position": 2,
     "condition": "$.current_solution == $solutions.good[*]", "points": 80, "note": "the vendor's example: edit"},
    {"name": "a form in 7 days", "dimension": "engagement.forms", "position": 1, "event": "form_submit", "points": 100,
     "at_least": 1, "within": "7 days", "note": "the vendor's example: edit"},
    {"name": "a form in 14 days", "dimension": "engagement.forms", "position": 2, "event": "form_submit", "points": 75,
     "at_least": 1, "within": "14 days", "note": "the vendor's example: edit"},
    {"name": "a form in 30 days", "dimension": "engagement.forms", "position": 3, "event": "form_submit", "points": 50,
     "at_least": 1, "within": "30 days", "note": "the vendor's example: edit"},
    {"name": "3 clicks in 7 days", "dimension": "engagement.clicks", "position": 1, "event": "email_click", "points": 100,
     "at_least": 3, "within": "7 days", "note": "the vendor's example: edit"},
    {"name": "3 clicks in 30 days", "dimension": "engagement.clicks", "position": 2, "event": "email_click", "points": 75,
     "at_least": 3, "within": "30 days", "note": "the vendor's example: edit"},
    {"name": "exactly 1 click in 14 days", "dimension": "engagement.clicks", "position": 3, "event": "email_click", "points": 50,
     "at_least": 1, "at_most": 1, "within": "14 days", "note": "the vendor's example: edit"},
    {"name": "3 product pages in 7 days", "dimension": "engagement.product_pages", "position": 1, "event": "page_view",
     "condition": "$.url like_regex \"/products?(/|$)\"", "points": 100, "at_least": 3, "within": "7 days",
     "note": "the vendor's example; the path is ours: edit"},
    {"name": "3 product pages in 30 days", "dimension": "engagement.product_pages", "position": 2, "event": "page_view",
     "condition": "$.url like_regex \"/products?(/|$)\"", "points": 75, "at_least": 3, "within": "30 days",
     "note": "the vendor's example; the path is ours: edit"},
    {"name": "a product page in 14 days", "dimension": "engagement.product_pages", "position": 3, "event": "page_view",
     "condition": "$.url like_regex \"/products?(/|$)\"", "points": 50, "at_least": 1, "within": "14 days",
     "note": "the vendor's example; the path is ours: edit"},
    {"name": "3 opens in 7 days", "dimension": "engagement.opens", "position": 1, "event": "email_open", "points": 100,
     "at_least": 3, "within": "7 days", "note": "the vendor's example: edit"},
    {"name": "3 opens in 30 days", "dimension": "engagement.opens", "position": 2, "event": "email_open", "points": 75,
     "at_least": 3, "within": "30 days", "note": "the vendor's example: edit"},
    {"name": "exactly 1 open in 14 days", "dimension": "engagement.opens", "position": 3, "event": "email_open", "points": 100,
     "at_least": 1, "at_most": 1, "within": "14 days", "note": "the vendor's example: edit"}
  ],
  "grades": [
    {"dimension": "profile", "name": "A", "minimum": 75},
    {"dimension": "profile", "name": "B", "minimum": 50},
    {"dimension": "profile", "name": "C", "minimum": 25},
    {"dimension": "profile", "name": "D", "minimum": 0},
    {"dimension": "engagement", "name": "1", "minimum": 75},
    {"dimension": "engagement", "name": "2", "minimum": 50},
    {"dimension": "engagement", "name": "3", "minimum": 25},
    {"dimension": "engagement", "name": "4", "minimum": 0}
  ],
  "tiers": [
    {"name": "D4", "position": 1},
    {"name": "D3", "position": 2, "minimums": {"engagement": 25}},
    {"name": "D2", "position": 3, "minimums": {"engagement": 50}},
    {"name": "D1", "position": 4, "minimums": {"engagement": 75}},
    {"name": "C4", "position": 5, "minimums": {"profile": 25}},
    {"name": "C3", "position": 6, "minimums": {"profile": 25, "engagement": 25}},
    {"name": "C2", "position": 7, "minimums": {"profile": 25, "engagement": 50}},
    {"name": "C1", "position": 8, "minimums": {"profile": 25, "engagement": 75}},
    {"name": "B4", "position": 9, "minimums": {"profile": 50}},
    {"name": "B3", "position": 10, "minimums": {"profile": 50, "engagement": 25}},
    {"name": "B2", "position": 11, "minimums": {"profile": 50, "engagement": 50}},
    {"name": "B1", "position": 12, "minimums": {"profile": 50, "engagement": 75}},
    {"name": "A4", "position": 13, "minimums": {"profile": 75}},
    {"name": "A3", "position": 14, "minimums": {"profile": 75, "engagement": 25}},
    {"name": "A2", "position": 15, "minimums": {"profile": 75, "engagement": 50}},
    {"name": "A1", "position": 16, "minimums": {"profile": 75, "engagement": 75}}
  ]
}
$document$);
