demo-address = { $road }{ $no }号
demo-morning = { $month }月{ $day }日上午
demo-afternoon = { $month }月{ $day }日下午
