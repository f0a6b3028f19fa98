package notes

// First and last names of many countries, none of which is in the detectors' lists (a test holds them apart).
var (
	firsts = []string{"Adaeze", "Aigerim", "Ainhoa", "Akosua", "Alasdair", "Amrutha", "Anneke", "Anouk", "Aoife", "Bartosz", "Bronagh", "Caoimhe",
		"Chiamaka", "Chidi", "Dagny", "Daisuke", "Dariusz", "Eilidh", "Elif", "Emeka", "Femke", "Fergus", "Folasade", "Gintaras", "Giuseppina",
		"Grzegorz", "Gulnara", "Haruka", "Hyun-woo", "Ifeoma", "Ilse", "Iker", "Inés", "Ioana", "Jarek", "Jelena", "Joaquim", "Jolanta", "Kaito",
		"Katarzyna", "Kenji", "Kwabena", "Lakshmi", "Leszek", "Lucjan", "Méabh", "Małgorzata", "Marjolein", "Minh", "Mehmet", "Milica", "Mireille",
		"Niamh", "Nkechi", "Nuria", "Obinna", "Oisín", "Olumide", "Padraig", "Pilar", "Priyanka", "Ragnhild", "Ravindra", "Rosalía", "Saoirse",
		"Shreya", "Siobhan", "Sigrid", "Sunniva", "Svetlana", "Szymon", "Tadhg", "Temitope", "Thandiwe", "Thijs", "Tomasz", "Ülkü", "Venkatesh",
		"Wiebke", "Wojciech", "Xiulan", "Yiannis", "Yusuf", "Zbigniew", "Željko", "Zsófia"}
	lasts = []string{"Abiodun", "Achterberg", "Adeyemi", "Andersdotter", "Asante", "Balakrishnan", "Bergström", "Bielska", "Boateng", "Brzezinski",
		"Castellanos", "Chakraborty", "Czerny", "D'Agostino", "Dimitriou", "Dlamini", "Doyle-Byrne", "Eriksen", "Etxeberria", "Farrokhzad",
		"Fitzsimons", "Gallagher-Ruiz", "Georgiou", "Grunwald", "Hakimi", "Haraldsson", "Hosseini", "Ivanovic", "Iyer", "Jankowski", "Jóhannesson",
		"Kallio", "Kamau", "Kaczmarek", "Kowalczyk", "Krishnamurthy", "Kuznetsova", "Lindqvist", "Lukić", "MacGillivray", "Mbeki", "McElhinney",
		"Mensah", "Mukherjee", "Müllenhoff", "Nakashima", "Ngata", "Nowicki", "Nwosu", "Ó Briain", "O'Shaughnessy", "Odhiambo", "Okonkwo",
		"Okwuosa", "Oyelaran", "Papadakis", "Pereira-Lopes", "Petrosyan", "Radhakrishnan", "Rautio", "Ribeiro", "Roychowdhury", "Saarinen",
		"Sepulveda", "Sithole", "Skrzypek", "Sokolowska", "Stavropoulos", "Szczepanski", "Takahashi", "Tembo", "Thorvaldsen", "Tshabalala",
		"Uzun", "Van der Meulen", "Vasquez-Ortega", "Vukovic", "Wachowski", "Wanjiru", "Wickramasinghe", "Yıldız", "Zieliński", "Zuberi"}
)
