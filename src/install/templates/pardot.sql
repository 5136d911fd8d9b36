-- Template "pardot": default points of Pardot (Account Engagement), a ladder of grades in thirds. See docs/templates/pardot.md.

INSERT INTO leadscore.template_document (document) VALUES ($document$
{
  "format": 1,
  "template": {
    "name": "pardot",
    "title": "Pardot's score and grade",
    "about": "The default points of Pardot (Account Engagement), and a grade from F to A+ that starts at D and moves by thirds."
  },
  "needs": {
    "columns": {
      "employees": {"about": "Number of people at the prospect's company"},
      "industry": {"about": "Industry of the prospect's company"},
      "country": {"about": "Country, as a code such as FR"},
      "job_title": {"about": "Position, such as Head of Sales"},
      "department": {"about": "Department, such as Marketing", "optional": true}
    },
    "kinds": {
      "custom_redirect_click": {"about": "A custom redirect was clicked"},
      "email_click": {"about": "A tracked link in an e-mail was clicked"},
      "email_open": {"about": "An e-mail was opened"},
      "event_registered": {"about": "The prospect registered for an event"},
      "event_checked_in": {"about": "The prospect checked in to an event"},
      "download": {"about": "A file was accessed"},
      "form_submit": {"about": "A form was submitted"},
      "form_error": {"about": "A form was submitted with an error"},
      "form_handler_submit": {"about": "A form handler took a submission"},
      "form_handler_error": {"about": "A form handler refused a submission"},
      "landing_page_submit": {"about": "The form of a landing page was submitted"},
      "landing_page_error": {"about": "The form of a landing page was submitted with an error"},
      "chat": {"about": "The prospect chatted with us"},
      "opportunity_created": {"about": "The prospect was put to an opportunity"},
      "opportunity_won": {"about": "An opportunity of the prospect was won"},
      "opportunity_lost": {"about": "An opportunity of the prospect was lost"},
      "page_view": {"about": "A page of the web site was seen"},
      "site_search": {"about": "The web site was searched"},
      "session": {"about": "A visit to the web site began"}
    }
  },
  "model": {
    "params": {
      "employees": {"min": 50, "max": 5000},
      "industries": ["Software", "Financial services"],
      "countries": ["FR", "BE"],
      "departments": ["Marketing", "Sales"]
    }
  },
  "dimensions": [
    {"path": "profile", "position": 1, "weight": 0, "base": 2, "min_value": 0, "max_value": 12}
  ],
  "rules": [
    {"name": "company size", "dimension": "profile", "position": 1,
     "condition": "$.employees.double() >= $employees.min && $.employees.double() <= $employees.max",
     "points": 2, "else_points": -2, "note": "2/3 of a letter: the vendor's default; the numbers of people are an example: edit"},
    {"name": "industry", "dimension": "profile", "position": 2,
     "condition": "$.industry == $industries[*] || !($.industry starts with \"\")", "points": 2, "else_points": -2,
     "note": "2/3 of a letter: the vendor's default; what is no text is unknown; the industries are an example: edit"},
    {"name": "location", "dimension": "profile", "position": 3,
     "condition": "$.country == $countries[*] || !($.country starts with \"\")", "points": 2, "else_points": -2,
     "note": "2/3 of a letter: the vendor's default; what is no text is unknown; the countries are an example: edit"},
    {"name": "job title", "dimension": "profile", "position": 4,
     "condition": "$.job_title like_regex \"chief|vp|head|director|manager\" flag \"i\"", "points": 2, "else_points": -2,
     "note": "2/3 of a letter: the vendor's default; the titles are an example: edit"},
    {"name": "department", "dimension": "profile", "position": 5,
     "condition": "$.department == $departments[*] || !($.department starts with \"\")", "points": 2, "else_points": -2,
     "note": "2/3 of a letter: the vendor's default; what is no text is unknown; the departments are an example: edit"},
    {"name": "clicked a custom redirect", "position": 1, "event": "custom_redirect_click", "points": 3,
     "note": "the vendor's default"},
    {"name": "clicked in an e-mail", "position": 2, "event": "email_click", "points": 3, "note": "the vendor's default"},
    {"name": "opened an e-mail", "position": 3, "event": "email_open", "points": 0, "note": "the vendor's default"},
    {"name": "registered for an event", "position": 4, "event": "event_registered", "points": 0, "note": "the vendor's default"},
    {"name": "checked in to an event", "position": 5, "event": "event_checked_in", "points": 0, "note": "the vendor's default"},
    {"name": "accessed a file", "position": 6, "event": "download", "points": 3, "note": "the vendor's default"},
    {"name": "submitted a form", "position": 7, "event": "form_submit", "points": 50, "note": "the vendor's default"},
    {"name": "submitted a form with an error", "position": 8, "event": "form_error", "points": -5,
     "note": "the vendor's default"},
    {"name": "submitted to a form handler", "position": 9, "event": "form_handler_submit", "points": 50,
     "note": "the vendor's default"},
    {"name": "submitted to a form handler with an error", "position": 10, "event": "form_handler_error", "points": -5,
     "note": "the vendor's default"},
    {"name": "submitted a landing page", "position": 11, "event": "landing_page_submit", "points": 50,
     "note": "the vendor's default"},
    {"name": "submitted a landing page with an error", "position": 12, "event": "landing_page_error", "points": -5,
     "note": "the vendor's default"},
    {"name": "chatted", "position": 13, "event": "chat", "points": 10, "note": "the vendor's default"},
    {"name": "got an opportunity", "position": 14, "event": "opportunity_created", "points": 50,
     "note": "the vendor's default"},
    {"name": "opportunity won", "position": 15, "event": "opportunity_won", "points": 0, "note": "the vendor's default"},
    {"name": "opportunity lost", "position": 16, "event": "opportunity_lost", "points": -100, "note": "the vendor's default"},
    {"name": "saw a page", "position": 17, "event": "page_view", "points": 1, "note": "the vendor's default"},
    {"name": "searched the web site", "position": 18, "event": "site_search", "points": 3, "note": "the vendor's default"},
    {"name": "visited the web site", "position": 19, "event": "session", "points": 3, "note": "the vendor's default"}
  ],
  "grades": [
    {"dimension": "profile", "name": "F", "minimum": 0},
    {"dimension": "profile", "name": "D-", "minimum": 1},
    {"dimension": "profile", "name": "D", "minimum": 2},
    {"dimension": "profile", "name": "D+", "minimum": 3},
    {"dimension": "profile", "name": "C-", "minimum": 4},
    {"dimension": "profile", "name": "C", "minimum": 5},
    {"dimension": "profile", "name": "C+", "minimum": 6},
    {"dimension": "profile", "name": "B-", "minimum": 7},
    {"dimension": "profile", "name": "B", "minimum": 8},
    {"dimension": "profile", "name": "B+", "minimum": 9},
    {"dimension": "profile", "name": "A-", "minimum": 10},
    {"dimension": "profile", "name": "A", "minimum": 11},
    {"dimension": "profile", "name": "A+", "minimum": 12}
  ],
  "tiers": [
    {"name": "prospect", "position": 1},
    {"name": "qualified", "position": 2, "minimums": {"score": 100, "profile": 8}}
  ]
}
$document$);
