package notes

import "fmt"

func street(m *maker) string {
	return fmt.Sprintf("%d %s %s", 1+m.IntN(9800), of(m, []string{"Larkspur", "Old Mill", "N Kedzie", "Quail Hollow", "Rosecrans", "Tamarack", "W 43rd", "Pine Knoll"}),
		of(m, []string{"Street", "St", "Ave", "Road", "Dr", "Blvd", "Lane", "Ct"}))
}

func address(m *maker) string {
	a := street(m)
	if m.IntN(3) == 0 {
		a += of(m, []string{" Apt ", " Unit ", ", Suite "}) + m.shaped("9#")
	}
	return a + ", " + of(m, []string{"Tacoma, WA ", "Boise, ID ", "Duluth, MN ", "El Paso, TX ", "Dayton OH "}) + m.shaped("9####")
}

func addressUK(m *maker) string {
	return fmt.Sprintf("%d %s, %s %s", 1+m.IntN(180), of(m, []string{"Harrogate Road", "Chandos Street", "Mill Lane", "Kelvin Way", "St Aldates"}),
		of(m, []string{"Leeds", "Glasgow", "Oxford", "Norwich"}), of(m, []string{m.shaped("LS# ") + "4QT", "G12 8LT", "OX1 1DZ", "NR2 " + m.shaped("9") + "BD"}))
}

func addressEU(m *maker) string {
	n := 1 + m.IntN(140)
	return of(m, []string{
		fmt.Sprintf("Lindenstraße %d, %s Potsdam", n, m.shaped("144##")), fmt.Sprintf("Am Alten Markt %da, %s Bremen", n, m.shaped("281##")),
		fmt.Sprintf("%d rue des Martyrs, %s Paris", n, m.shaped("7501#")), fmt.Sprintf("Calle Mayor %d, %s Zaragoza", n, m.shaped("5000#")),
		fmt.Sprintf("Prinsengracht %d, %s Amsterdam", n, m.shaped("10##")+" GV"), fmt.Sprintf("ul. Długa %d, 80-%s Gdańsk", n, m.shaped("8##")),
	})
}
