module github.com/maskrail/maskrail/policies

go 1.26.0
