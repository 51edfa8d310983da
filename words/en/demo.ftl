demo-address = { $no } { $road }
demo-morning = the morning of { $day }/{ $month }
demo-afternoon = the afternoon of { $day }/{ $month }
