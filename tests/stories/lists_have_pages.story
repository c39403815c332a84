# Lists have pages, filters, search, order and counts
proves: P1, P2, P8

workspace "Rocket Agency" owned by owner@example.com with the demo

api GET /v1/clients
=> 200
  data has 2 entries
  nextToken is absent
api GET /v1/clients?limit=1&sort=givenName
=> 200
  data has 1 entry
  data.0.givenName = "Jane"
  nextToken as next
api GET /v1/clients?limit=1&sort=givenName&nextToken={next}
=> 200
  data.0.givenName = "John"
  nextToken is absent
api GET /v1/clients?limit=1
=> 200
  nextToken as newest
api GET /v1/companies?nextToken={newest}
=> 400
  errors.0.field = "nextToken"
api GET /v1/clients?nextToken=nonsense
=> 400
  errors.0.field = "nextToken"
api GET /v1/clients?givenName=John
=> 200
  data has 1 entry
api GET /v1/clients?givenName=john
=> 200
  data has 0 entries
api GET /v1/clients?companyId=&email=&limit=10000
=> 200
  data has 2 entries
api GET /v1/clients?q=joh
=> 200
  data has 1 entry
  data.0.givenName = "John"
api GET /v1/clients?q=doe&limit=1
=> 200
  data has 1 entry
  data.0.givenName = "Jane"
  nextToken as next
api GET /v1/clients?q=doe&limit=1&nextToken={next}
=> 200
  data has 1 entry
  data.0.givenName = "John"
  nextToken is absent
api GET /v1/clients?q=do&count=false
=> 200
  data has 2 entries
api GET /v1/clients?count=true&fields=id,givenName
=> 200
  count = 2
  data.0.email is absent
api GET /v1/clients?colour=red&size=2
=> 400
  errors has 2 entries
api GET /v1/clients?sort=shoeSize
=> 400
  errors.0.field = "sort"
api GET /v1/clients?q=doe&count=true
=> 200
  count = 2
api GET /v1/clients?q=joh&count=true
=> 200
  count = 1
api GET /v1/clients?q=jo%20do
=> 200
  data has 1 entry
api GET /v1/clients?q=jo&count=true
=> 422
  errors.0.code = "not_countable"
