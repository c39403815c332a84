# A filter that is repeated finds any of its values, and no query is too much for the server
proves: P1, P2

workspace "Rocket Agency" owned by owner@example.com with the demo

api GET /v1/clients?givenName=John&givenName=Jane
=> 200
  data has 2 entries
api GET /v1/clients?givenName=John&givenName=jane
=> 200
  data has 1 entry
api GET /v1/clients?email=john@example.com&email=JANE@example.com&count=true
=> 200
  count = 2
api GET /v1/clients?status=notInvited&status=active
=> 200
  data has 2 entries
api GET /v1/clients?status=notInvited&status=active&givenName=John
=> 200
  data has 1 entry
api GET /v1/clients?status=invited&status=active
=> 200
  data has 0 entries

# As many filters as there may be, beside a search of as many short words as are looked at.
api GET /v1/clients?q=a+b+c+d+e+f&status=active&status=invited&email=a&email=b&email=c&email=d&email=e&email=f&email=g&email=h&givenName=a&givenName=b&givenName=c&givenName=d&givenName=e&givenName=f
=> 200
  data has 0 entries
api GET /v1/clients?email=a&email=b&email=c&email=d&email=e&email=f&email=g&email=h&email=i&email=j&email=k&email=l&email=m&email=n&email=o&email=p&email=q
=> 400
  errors.0.field = "email"
  errors.0.code = "too_many_filters"

# A search for nothing is no search; a list that cannot be searched says so.
api GET /v1/clients?q=+&limit=1
=> 200
  data.0.givenName = "Jane"
  nextToken as next
api GET /v1/clients?limit=1&nextToken={next}
=> 200
  data.0.givenName = "John"
api GET /v1/invites?q=ann
=> 400
  errors.0.field = "q"
  errors.0.code = "no_search"
