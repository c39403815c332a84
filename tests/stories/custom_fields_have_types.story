# Custom fields have types, and faulty values are named
proves: P7

workspace "Rocket Agency" owned by owner@example.com

api POST /v1/custom-fields
  {"name": "Shoe size", "type": "number"}
=> 200
  key = "shoe_size"
api POST /v1/custom-fields
  {"name": "Tags", "key": "tags", "type": "multiSelect"}
=> 200
  id as tags
api POST /v1/custom-fields/{tags}/options
  {"key": "vip", "label": "Very important"}
=> 200
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com", "customFields": {"shoe_size": "big", "tags": ["vop"], "hat": 1}}
=> 400
  errors has 3 entries
  errors.0.field = "customFields.shoe_size"
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com", "customFields": "{\"shoe_size\": 38, \"tags\": [\"vip\"]}"}
=> 200
  customFields.shoe_size = 38
  customFields.tags = ["vip"]
  id as ann
api PATCH /v1/clients/{ann}
  {"customFields": {"tags": []}}
=> 200
  customFields = {"shoe_size": 38}
