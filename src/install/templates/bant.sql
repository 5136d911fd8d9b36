-- Template "bant": budget, authority, need, timeline. See docs/templates/bant.md.

INSERT INTO leadscore.template_document (document) VALUES ($document$
{
  "format": 1,
  "template": {
    "name": "bant",
    "title": "BANT",
    "about": "Budget, authority, need and timeline, a quarter each; qualified with three of the four."
  },
  "needs": {
    "columns": {
      "budget": {"about": "Money that is set aside for this purchase, a number; null: not known or none"},
      "job_title": {"about": "Position, such as Head of Sales: whether the person decides"},
      "need": {"about": "What the lead needs, in words; null or empty: not known or none"},
      "months_to_buy": {"about": "In how many months the lead wants to have bought, a number; null: not known"}
    }
  },
  "model": {
    "params": {
      "budget": {"least": 10000},
      "timeline": {"most": 6}
    }
  },
  "dimensions": [
    {"path": "score", "combine": "share"},
    {"path": "budget", "position": 1, "max_value": 1},
    {"path": "authority", "position": 2, "max_value": 1},
    {"path": "need", "position": 3, "max_value": 1},
    {"path": "timeline", "position": 4, "max_value": 1}
  ],
  "rules": [
    {"name": "has the budget", "dimension": "budget", "position": 1, "condition": "$.budget >= $budget.least", "points": 1},
    {"name": "decides", "dimension": "authority", "position": 2,
     "condition": "$.job_title like_regex \"owner|founder|chief|ceo|cto|cfo|head|director|vp\" flag \"i\"", "points": 1},
    {"name": "has a need", "dimension": "need", "position": 3, "condition": "$.need != null && $.need != \"\"", "points": 1},
    {"name": "buys in time", "dimension": "timeline", "position": 4, "condition": "$.months_to_buy <= $timeline.most", "points": 1}
  ],
  "tiers": [
    {"name": "not qualified", "position": 1},
    {"name": "qualified", "position": 2, "minimums": {"score": 75}},
    {"name": "all four", "position": 3, "minimums": {"score": 100}}
  ]
}
$document$);
