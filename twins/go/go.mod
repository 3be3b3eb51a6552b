module suite/twins/go

go 1.19
